/** A published SDK whose source distribution brings its tests. */
export interface PublishedSdk {
  readonly package: string;
  readonly version: string;
  /** Its extras and what else its tests import, as pip takes them. */
  readonly extras: string;
  readonly testTools: readonly string[];
  /** Under `tests/api_resources`. */
  readonly suites: readonly string[];
  /** Further options that its own configuration of pytest gives. */
  readonly pytestOptions: readonly string[];
  /** What its base URL ends in. */
  readonly basePath: string;
  /** The names that its tests ask for. */
  readonly models: readonly string[];
}

const runner = ['pytest==9.0.3', 'pytest-asyncio==1.4.0', 'rich==14.3.4'];

export const publishedSdks: readonly PublishedSdk[] = [
  {
    package: 'openai',
    version: '3.57.0',
    extras: 'aiohttp',
    testTools: runner,
    suites: ['chat/test_completions.py', 'test_completions.py', 'test_embeddings.py', 'test_models.py', 'test_responses.py', 'responses'],
    pytestOptions: [],
    basePath: '/v1',
    models: ['gpt-6-astra', 'gpt-4o', 'gpt-3.5-turbo-instruct', 'text-embedding-3-small'],
  },
  {
    package: 'anthropic',
    version: '2.13.0',
    extras: 'aiohttp',
    testTools: [...runner, 'inline-snapshot', 'http-snapshot[httpx]==0.1.9', 'respx', 'dirty-equals', 'time-machine'],
    suites: ['test_messages.py', 'test_models.py'],
    pytestOptions: ['-p', 'tests._alias_httpx'],
    basePath: '',
    models: [
      'claude-opus-5-5',
      'model_id',
      // The SDK warns of these, which a test of it asks for one by one.
      'claude-mythos-preview',
      'claude-opus-4-5',
      'claude-opus-4-5-20251101',
      'claude-sonnet-4-5',
      'claude-sonnet-4-5-20250929',
    ],
  },
];
