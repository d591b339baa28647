import { idsOf, mergedRelease, usageJson, type AnswerMeta, type AnswerShape } from './answer-shape.ts';
import type { Release } from './token-release.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** `/v1/completions`, as vLLM writes it. */
export function completionShape(meta: AnswerMeta, bytesOf: (token: number) => Uint8Array): AnswerShape {
  const head = `{"id":"${meta.id}","object":"text_completion","created":${meta.created},"model":${JSON.stringify(meta.model)},`;
  const seed = `"x_second_source_seed":${meta.seed}`;
  let first = true;
  let offset = 0;

  const choice = (release: Release, reason: string): string => {
    const logprobs = meta.logprobs ? logprobsJson(release, offset, bytesOf) : 'null';
    offset += release.text.length;
    return `{"index":0,"text":${JSON.stringify(release.text)},"logprobs":${logprobs},"finish_reason":${reason},"stop_reason":null`;
  };
  const piece = (release: Release, reason: string): string => {
    // Text before a matched stop string may end within a token, so ids would claim more than the text says.
    const tokenIds = release.matched === undefined ? idsOf(release) : 'null';
    const ids = meta.returnTokenIds ? `,"prompt_token_ids":${first ? JSON.stringify(meta.promptTokenIds) : 'null'},"token_ids":${tokenIds}` : '';
    const event = `data: ${head}"choices":[${choice(release, reason)}${ids}}]${first ? `,${seed}` : ''}}\n\n`;
    first = false;
    return event;
  };

  return {
    opening: () => '',
    piece: (release) => piece(release, 'null'),
    closing: (release, reason) => {
      const text = release.text === '' && release.tokens.length === 0 ? '' : piece(release, 'null');
      return text + piece({ text: '', tokens: [] }, `"${reason}"`);
    },
    usage: (usage) => `data: ${head}"choices":[],"usage":${usageJson(usage)}}\n\n`,
    whole: (releases, reason, usage) => {
      const release = mergedRelease(releases);
      const ids = meta.returnTokenIds ? `,"prompt_token_ids":${JSON.stringify(meta.promptTokenIds)},"token_ids":${idsOf(release)}` : '';
      return `${head}"choices":[${choice(release, `"${reason}"`)}${ids}}],"usage":${usageJson(usage)},${seed}}`;
    },
  };
}

function logprobsJson(release: Release, offset: number, bytesOf: (token: number) => Uint8Array): string {
  const tokens: string[] = [];
  const offsets: number[] = [];
  let at = offset;
  for (const { bytes } of release.tokens) {
    const text = decoder.decode(bytes);
    tokens.push(text);
    offsets.push(at);
    at += text.length;
  }
  return JSON.stringify({
    text_offset: offsets,
    token_logprobs: release.tokens.map(({ logprobs }) => logprobs?.logprob ?? null),
    tokens,
    top_logprobs: release.tokens.map(({ logprobs }) =>
      Object.fromEntries((logprobs?.top ?? []).map(({ id, logprob }) => [decoder.decode(bytesOf(id)), logprob])),
    ),
  });
}
