import { afterAll, beforeAll, expect, test } from 'vitest';
import { callJson, callStream, readMetric } from './testing/call-engine.ts';
import { startDemoEngine } from './testing/start-demo-engine.ts';

/*
 * The promise of continuation: whatever part of an answer one engine gave, another engine with the same weights goes
 * on with exactly the text that was missing. All answers are cut at every place where a gateway could have seen them
 * cut, and continued on the other engine, while both are busy with other requests.
 */

type Started = Awaited<ReturnType<typeof startDemoEngine>>;
let first: Started;
let second: Started;
beforeAll(async () => {
  [first, second] = await Promise.all([startDemoEngine({ name: 'first' }), startDemoEngine({ name: 'second', sequences: 6 })]);
}, 60_000);
afterAll(() => Promise.all([first.close(), second.close()]));

const questions = [
  'What is a second source?',
  'Tell me about silicon.',
  'Hello!',
  'How do I survive the loss of a vendor?',
  'Sag etwas auf Deutsch, bitte.',
  '中文 please',
  'Emoji 🚀🚀!',
  'What does N-1 mean?',
  'List three colours',
  'Why?',
];
const maxTokens = 24;

interface Cut {
  readonly ids: readonly number[];
  readonly text: string;
}

/** One answer of the first engine, and all the places where its stream could have been cut. */
async function answerWithCuts(question: string, sampling: object): Promise<{ prompt: readonly number[]; text: string; cuts: Cut[] }> {
  const chunks = await callStream(first.socketPath, '/v1/chat/completions', {
    model: 'demo',
    messages: [{ role: 'user', content: question }],
    max_tokens: maxTokens,
    return_token_ids: true,
    ...sampling,
  });
  const cuts: Cut[] = [{ ids: [], text: '' }];
  let ids: readonly number[] = [];
  let text = '';
  for (const { choices } of chunks.slice(1)) {
    ids = [...ids, ...(choices[0]?.token_ids ?? [])];
    text += choices[0]?.delta?.content ?? '';
    // A gateway continues only where it knows the ids of all text, and where the answer may still grow.
    if (choices[0]?.token_ids !== undefined && ids.length < maxTokens) cuts.push({ ids, text });
  }
  return { prompt: chunks[0]?.prompt_token_ids ?? [], text, cuts };
}

async function continued(prompt: readonly number[], cut: Cut, sampling: object): Promise<string> {
  const rest = await callJson(second.socketPath, '/v1/completions', {
    model: 'demo',
    prompt: [...prompt, ...cut.ids],
    x_second_source_prompt_tokens: prompt.length,
    max_tokens: maxTokens - cut.ids.length,
    ...sampling,
  });
  return cut.text + (rest.choices[0]?.text ?? '');
}

async function checkEveryCut(sampling: (index: number) => object): Promise<number> {
  let cutCount = 0;
  for (let index = 0; index < 20; index++) {
    const question = `${questions[index % questions.length]}${index < questions.length ? '' : ' Please.'}`;
    const { prompt, text, cuts } = await answerWithCuts(question, sampling(index));
    const answers: string[] = [];
    for (let at = 0; at < cuts.length; at += 5) {
      answers.push(...(await Promise.all(cuts.slice(at, at + 5).map((cut) => continued(prompt, cut, sampling(index))))));
    }
    expect(answers).toEqual(answers.map(() => text));
    cutCount += answers.length;
  }
  return cutCount;
}

/** Requests beside, so that continuations share their batches. */
function keepBusy(started: Started): () => Promise<void> {
  const state = { busy: true };
  const running = (async () => {
    for (let seed = 0; state.busy; seed++) {
      await callJson(started.socketPath, '/v1/completions', {
        model: 'demo',
        prompt: `Question ${seed}: `,
        max_tokens: 30,
        temperature: 1,
        seed,
        ignore_eos: true,
      });
    }
  })();
  return async () => {
    state.busy = false;
    await running;
  };
}

test('20 greedy answers, cut at every place and continued elsewhere, are byte for byte the uncut ones', async () => {
  const stops = [keepBusy(first), keepBusy(second)];
  expect(await checkEveryCut(() => ({ temperature: 0 }))).toBeGreaterThan(100);
  await Promise.all(stops.map((stop) => stop()));
}, 60_000);

test('so are 20 sampled ones, also with penalties, narrowed sampling and stop strings', async () => {
  const stops = [keepBusy(first), keepBusy(second)];
  const kinds = [
    {},
    { temperature: 1.3, top_p: 0.9 },
    { top_k: 20, frequency_penalty: 0.7 },
    { min_p: 0.02, presence_penalty: 1, stop: [' the', 'e s', '。'] },
  ];
  const cuts = await checkEveryCut((index) => ({ temperature: 1, seed: index * 7919 + 1, ...kinds[index % kinds.length] }));
  expect(cuts).toBeGreaterThan(100);
  await Promise.all(stops.map((stop) => stop()));
}, 60_000);

test('a continuation finds the cells that its own engine still has', async () => {
  const { prompt, cuts } = await answerWithCuts('What is a second source?', { temperature: 0 });
  const cut = cuts.at(-1);
  if (cut === undefined) throw new Error('The answer had no pieces.');
  const before = await readMetric(second.socketPath, 'batches_total');
  await continued(prompt, cut, { temperature: 0 });
  await continued(prompt, cut, { temperature: 0 });
  const batches = (await readMetric(second.socketPath, 'batches_total')) - before;
  expect(batches).toBeLessThan(3 * maxTokens);
});

test('a prefill is continued after the blanks at its end, so that they are not written twice', async () => {
  const promptIds = async (text: string): Promise<readonly number[]> => {
    const chunks = await callStream(first.socketPath, '/v1/chat/completions', {
      model: 'demo',
      messages: [
        { role: 'user', content: 'Two lines, please.' },
        { role: 'assistant', content: text },
      ],
      max_tokens: 1,
      continue_final_message: true,
      add_generation_prompt: false,
      return_token_ids: true,
    });
    return chunks[0]?.prompt_token_ids ?? [];
  };
  const bare = await promptIds('The first one');
  const ended = await promptIds('The first one\n');
  expect(ended.slice(0, bare.length)).toEqual(bare);
  expect(ended).toHaveLength(bare.length + 1);
});
