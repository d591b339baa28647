import { finding } from './check-context.ts';
import { isRecord } from '../../std/is-record.ts';
import type { DoctorProbe, ProbeAnswer } from './doctor-probe.ts';
import type { Finding } from './finding.ts';

export type TranslatedDialect = 'anthropic' | 'gemini';

type Judged = Parameters<typeof finding>[3];

/** Which other dialect the answer to OpenAI's question for the models shows; undefined where it shows none. */
export function dialectShown({ json }: ProbeAnswer): TranslatedDialect | undefined {
  if (!isRecord(json)) return undefined;
  const { error, data, models } = json;
  if (json['type'] === 'error' && isRecord(error) && typeof error['type'] === 'string') return 'anthropic';
  if (Array.isArray(data) && data.some((model) => isRecord(model) && model['type'] === 'model')) return 'anthropic';
  if (Array.isArray(models) && models.some((model) => isRecord(model) && String(model['name']).startsWith('models/'))) return 'gemini';
  // Google's errors have a number and a word in capitals (google.rpc.Status).
  return isRecord(error) && typeof error['code'] === 'number' && /^[A-Z_]+$/.test(String(error['status'])) ? 'gemini' : undefined;
}

/** How one dialect asks, and how its answers are known. */
interface Questions {
  readonly headers: (key: string | undefined) => Record<string, string>;
  readonly models: string;
  readonly names: (json: Record<string, unknown>) => readonly string[];
  readonly ask: (model: string, stream: boolean) => { readonly path: string; readonly body: object };
  readonly isAnswer: (json: unknown) => boolean;
  readonly isEnded: (text: string) => boolean;
  readonly proof: string;
}

const hello = 'Hello gateway';
const mostTokens = 12;

const questions: Readonly<Record<TranslatedDialect, Questions>> = {
  anthropic: {
    headers: (key) => ({ 'anthropic-version': '2023-06-01', ...(key === undefined ? {} : { 'x-api-key': key }) }),
    models: '/models?limit=1000',
    names: (json) => namesIn(json['data'], 'id'),
    ask: (model, stream) => ({
      path: '/messages',
      body: { model, max_tokens: mostTokens, messages: [{ role: 'user', content: hello }], ...(stream ? { stream: true } : {}) },
    }),
    isAnswer: (json) => isRecord(json) && json['type'] === 'message' && typeof json['stop_reason'] === 'string' && isRecord(json['usage']),
    isEnded: (text) => /"type":\s*"message_stop"/.test(text),
    proof: '`message_stop`',
  },
  gemini: {
    headers: (key) => (key === undefined ? {} : { 'x-goog-api-key': key }),
    models: '/models?pageSize=1000',
    names: (json) => namesIn(json['models'], 'name').map((name) => name.replace(/^models\//, '')),
    ask: (model, stream) => ({
      path: `/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      body: { contents: [{ role: 'user', parts: [{ text: hello }] }], generationConfig: { maxOutputTokens: mostTokens } },
    }),
    isAnswer: (json) => isRecord(json) && Array.isArray(json['candidates']) && isRecord(json['usageMetadata']),
    isEnded: (text) => /"finishReason":\s*"/.test(text),
    proof: 'a `finishReason`',
  },
};

function namesIn(list: unknown, member: string): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => (isRecord(one) && typeof one[member] === 'string' ? [one[member]] : []));
}

export interface TranslatedDiagnosis {
  readonly model: string | undefined;
  readonly findings: readonly Finding[];
  /** The status of a refused key, where that is what came. */
  readonly refusedWith: number | undefined;
}

/** Asks an endpoint of another dialect in its own words: its models, a plain question, a stream, a model that is not there. */
export async function checkTranslated(probe: DoctorProbe, dialect: TranslatedDialect, givenModel: string | undefined): Promise<TranslatedDiagnosis> {
  const { headers: headersFor, models, names, ask, isAnswer, isEnded, proof } = questions[dialect];
  const headers = headersFor(probe.key);
  const listed = await probe.get(models, headers);
  const known = isRecord(listed.json) ? names(listed.json) : [];
  const model = givenModel ?? known[0];
  if (listed.status === 401 || listed.status === 403 || (listed.status === 400 && listed.text.includes('API_KEY_INVALID')))
    return { model, findings: [], refusedWith: listed.status };
  if (model === undefined) return { model, findings: [], refusedWith: undefined };
  const put = async (asked: string, stream: boolean): Promise<ProbeAnswer> => {
    const { path, body } = ask(asked, stream);
    return probe.post(path, body, headers);
  };
  const plain = await put(model, false);
  const streamed = await put(model, true);
  const unknown = await put('second-source-doctor-no-such-model', false);
  const judged: readonly (readonly [string, ProbeAnswer, Judged])[] = [
    ['dialect', listed, { result: 'ok', what: `It speaks \`dialect: ${dialect}\`, and lists ${known.length} models in that form.` }],
    [
      'plain-answer',
      plain,
      isAnswer(plain.json)
        ? { result: 'ok', what: 'A plain question is answered in the form of this dialect, with usage.' }
        : { result: 'failed', fatal: true, what: `A plain question was answered with status ${plain.status}, in no form of this dialect.` },
    ],
    [
      'stream-done',
      streamed,
      isEnded(streamed.text)
        ? { result: 'ok', what: `The stream ends with ${proof}.` }
        : { result: 'failed', fatal: true, what: `The stream ends without ${proof}, so that a cut could not be told from an end.` },
    ],
    [
      'unknown-model',
      unknown,
      unknown.status === 404
        ? { result: 'ok', what: 'An unknown model is refused with status 404.' }
        : { result: 'deviates', what: `An unknown model is answered with status ${unknown.status}; published is 404.` },
    ],
  ];
  return { model, findings: judged.map(([name, answer, result]) => finding(probe, name, answer, result)), refusedWith: undefined };
}
