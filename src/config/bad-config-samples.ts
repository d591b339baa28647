import { badRoutingSamples } from './bad-routing-samples.ts';
import type { BadConfigSample } from './bad-config-sample.ts';

const whole = 'a whole number from';
const oneId = 'Give each endpoint, engine and emulator an id of its own.';
const sections =
  'listen, control, processes, teams, keyStore, endpoints, engines, emulators, network, limits, continuation, idempotency, storedResponses, health, hedging, routing, budgets, prices, vendors, controlGroups, chips, caps, dependence, webhooks, ledger, responses';
const secretFix = 'Give `env:NAME` for an environment variable or `file:PATH` for a file that holds it.';
const endpoint = (more: string): string => `endpoints:\n  - id: a\n    url: https://x.example\n${more}`;
const url = (given: string, more = ''): string => `endpoints:\n  - {id: a, url: "${given}"${more}}\n`;

/** Configurations with what must be said of each, word for word. EMPTY is a variable that is set to a blank. */
export const badConfigSamples: readonly BadConfigSample[] = [
  ...badRoutingSamples,
  { name: 'a misspelt key', text: 'listen:\n  prot: 5\n', lines: ['c.yaml:2:3: listen.prot: there is no such key here. Did you mean `port`?'] },
  {
    name: 'an unknown section',
    text: 'gateway: {}\n',
    lines: [`c.yaml:1:1: gateway: there is no such key here. Remove it, or use one of ${sections}.`],
  },
  {
    name: 'a key that would change prototypes',
    text: '__proto__: {x: 1}\n',
    lines: [`c.yaml:1:1: __proto__: there is no such key here. Remove it, or use one of ${sections}.`],
  },
  {
    name: 'charges that are kept for less time than attempts',
    text: 'ledger:\n  retentionDays: 90\n  chargeRetentionDays: 30\n',
    lines: [
      'c.yaml:3:24: ledger.chargeRetentionDays: is less than ledger.retentionDays (90). Give at least as many days: what an attempt cost is compared with its charge.',
    ],
  },
  {
    name: 'a port out of range',
    text: 'listen:\n  port: 70000\n',
    lines: [`c.yaml:2:9: listen.port: is more than 65535. Give ${whole} 0 to 65535 (default \`4000\`).`],
  },
  {
    name: 'a port as text',
    text: 'listen:\n  port: "4000"\n',
    lines: [`c.yaml:2:9: listen.port: is text, which cannot stand here. Give ${whole} 0 to 65535 (default \`4000\`).`],
  },
  {
    name: 'a fraction',
    text: 'listen:\n  port: 1.5\n',
    lines: [`c.yaml:2:9: listen.port: is a fraction, which cannot stand here. Give ${whole} 0 to 65535 (default \`4000\`).`],
  },
  {
    name: 'public without saying so',
    text: 'listen:\n  host: 0.0.0.0\n',
    lines: [
      'c.yaml:2:9: listen.host: other machines could reach this address. Add `publicAccess: true` and at least one key in `keys` to `listen`, or listen on 127.0.0.1.',
    ],
  },
  {
    name: 'public without a key',
    text: 'listen:\n  publicAccess: true\n  host: "::"\n',
    lines: ['c.yaml:3:9: listen.host: other machines could reach this address. Add at least one key in `keys` to `listen`, or listen on 127.0.0.1.'],
  },
  {
    name: 'a control API for everybody, without saying so and without TLS',
    text: 'control:\n  host: 0.0.0.0\n',
    lines: [
      'c.yaml:2:9: control.host: other machines could reach this address. Add `publicAccess: true` and `tls` to `control`, or listen on 127.0.0.1.',
    ],
  },
  {
    name: 'a control API for everybody, without TLS',
    text: 'control:\n  host: 10.0.0.7\n  publicAccess: true\n',
    lines: ['c.yaml:2:9: control.host: other machines could reach this address. Add `tls` to `control`, or listen on 127.0.0.1.'],
  },
  {
    name: 'two teams of one id',
    text: 'teams:\n  - id: red\n  - id: red\n',
    lines: ['c.yaml:3:9: teams[1].id: teams[0] has the same id. Give each team an id of its own.'],
  },
  {
    name: 'approvals that leave nobody',
    text: 'teams:\n  - id: red\n    approvals: {regions: []}\n',
    lines: ['c.yaml:3:26: teams[0].approvals.regions: has fewer than 1 entries. Give a list.'],
  },
  {
    name: 'a retention that is none',
    text: 'teams:\n  - id: red\n    approvals: {retention: [nothing]}\n',
    lines: [
      'c.yaml:3:29: teams[0].approvals.retention[0]: is not one of the values that are possible here. Give `none`, `days`, `long` or `training`.',
    ],
  },
  {
    name: 'a scope of an API that is none',
    text: 'teams:\n  - id: red\n    scopes: {apis: [chats]}\n',
    lines: [
      'c.yaml:3:21: teams[0].scopes.apis[0]: is not one of the values that are possible here. Did you mean `chat`? Give `chat`, `completions`, `embeddings`, `messages` or `responses`.',
    ],
  },
  {
    name: 'a pepper in the file',
    text: 'keyStore: {pepper: abcdef}\n',
    lines: [`c.yaml:1:20: keyStore.pepper: a secret must not stand in this file itself. ${secretFix}`],
  },
  {
    name: 'a pepper that can be guessed',
    text: 'keyStore: {pepper: "env:KEY"}\n',
    lines: ['c.yaml:1:20: keyStore.pepper: holds fewer than 32 characters. Draw a longer one, with `openssl rand -hex 32` for instance.'],
  },
  {
    name: 'a secret in the file',
    text: 'listen:\n  keys: [sk-very-secret]\n',
    lines: [`c.yaml:2:10: listen.keys[0]: a secret must not stand in this file itself. ${secretFix}`],
  },
  {
    name: 'a secret that is a number',
    text: 'listen:\n  keys: [123456]\n',
    lines: ['c.yaml:2:10: listen.keys[0]: a secret must not stand in this file itself. Give `env:NAME` or `file:PATH`.'],
  },
  {
    name: 'a missing variable',
    text: 'listen:\n  keys: ["env:NO_SUCH"]\n',
    lines: ['c.yaml:2:10: listen.keys[0]: the environment variable NO_SUCH is not set. Set NO_SUCH, or remove the reference.'],
  },
  {
    name: 'an empty variable',
    text: 'listen:\n  keys: ["env:EMPTY"]\n',
    lines: ['c.yaml:2:10: listen.keys[0]: the environment variable EMPTY is empty. Put the key there.'],
  },
  {
    name: 'a missing secret file',
    text: 'listen:\n  keys: ["file:/no/such"]\n',
    lines: ['c.yaml:2:10: listen.keys[0]: the file /no/such cannot be read. Create it, make it readable for this user, or correct the path.'],
  },
  {
    name: 'a secret that would add a header',
    text: endpoint('    key: env:TWO_LINES\n'),
    lines: [
      'c.yaml:4:10: endpoints[0].key: the environment variable TWO_LINES holds no usable key. Put the key alone there: one line of visible ASCII characters.',
    ],
  },
  {
    name: 'an endpoint without a URL',
    text: 'endpoints:\n  - id: a\n',
    lines: [
      'c.yaml:2:5: endpoints[0].url: is missing. Add it. Its base URL, with or without `/v1` at the end. Plain `http://` only to this machine, to private addresses, or with `allowPrivate: true`.',
    ],
  },
  {
    name: 'an empty entry',
    text: 'endpoints:\n  -\n',
    lines: ['c.yaml:2:3: endpoints[0]: is an empty value, which cannot stand here. Give a section of keys.'],
  },
  {
    name: 'two endpoints of one id',
    text: endpoint('  - id: a\n    url: https://y.example\n'),
    lines: [`c.yaml:4:9: endpoints[1].id: endpoints[0] has the same id. ${oneId}`],
  },
  {
    name: 'an engine with an endpoint’s id',
    text: `${endpoint('')}engines:\n  - {id: a, model: m.gguf}\n`,
    lines: [`c.yaml:5:10: engines[0].id: endpoints[0] has the same id. ${oneId}`],
  },
  {
    name: 'http to a public host',
    text: url('http://x.example'),
    lines: [
      'c.yaml:2:18: endpoints[0].url: is http to a host that is not private, so that prompts and keys could be read on the way. Use `https://`, or set `allowPrivate: true` if the host is in your own network.',
    ],
  },
  {
    name: 'a password in a URL',
    text: url('https://u:hidden@x.example'),
    lines: ['c.yaml:2:18: endpoints[0].url: contains a user name or password. Remove it and give the secret as `key: env:NAME`.'],
  },
  { name: 'a fragment', text: url('https://x.example/#f'), lines: ['c.yaml:2:18: endpoints[0].url: contains a fragment (`#…`). Remove it.'] },
  { name: 'a query', text: url('https://x.example/?key=hidden'), lines: ['c.yaml:2:18: endpoints[0].url: contains a query (`?…`). Remove it.'] },
  {
    name: 'another scheme',
    text: url('ftp://x.example'),
    lines: ['c.yaml:2:18: endpoints[0].url: is neither https nor http. Give a URL that begins with `https://`.'],
  },
  {
    name: 'no URL',
    text: url('x'),
    lines: ['c.yaml:2:18: endpoints[0].url: is not a URL. Give the base URL, such as `https://api.example.com/v1`.'],
  },
  {
    name: 'a metadata service',
    text: url('http://169.254.169.254'),
    lines: [
      'c.yaml:2:18: endpoints[0].url: names a link-local, multicast or unspecified address, where no endpoint can be. Give the address of the endpoint.',
    ],
  },
  {
    name: 'loopback in disguise',
    text: url('http://2130706433', ', allowPrivate: false'),
    lines: [
      'c.yaml:2:18: endpoints[0].url: names a loopback or private address, and `allowPrivate` is false. Set `allowPrivate: true`, or give another URL.',
    ],
  },
  {
    name: 'a misspelt choice',
    text: endpoint('    dialect: opnai\n'),
    lines: [
      'c.yaml:4:14: endpoints[0].dialect: is not one of the values that are possible here. Did you mean `openai`? Give `openai`, `anthropic` or `gemini`.',
    ],
  },
  {
    name: 'a vendor in capitals',
    text: endpoint('    silicon: {vendor: NVIDIA, chip: H100}\n'),
    lines: [
      'c.yaml:4:23: endpoints[0].silicon.vendor: does not have the form that is needed. Give the vendor’s name in lower case, such as `nvidia`, `amd` or `groq`.',
    ],
  },
  {
    name: 'a negative price',
    text: endpoint('    models:\n      - {name: m, price: {inputUsdPerMtok: 1, outputUsdPerMtok: -1}}\n'),
    lines: ['c.yaml:5:65: endpoints[0].models[0].price.outputUsdPerMtok: is less than 0. Give a number from 0 to 10000.'],
  },
  {
    name: 'a price that is no number',
    text: endpoint('    price: {inputUsdPerMtok: .nan, outputUsdPerMtok: .inf}\n'),
    lines: [
      'c.yaml:4:30: endpoints[0].price.inputUsdPerMtok: is no finite number, which cannot stand here. Give a number from 0 to 10000.',
      'c.yaml:4:54: endpoints[0].price.outputUsdPerMtok: is no finite number, which cannot stand here. Give a number from 0 to 10000.',
    ],
  },
  {
    name: 'a price of one token, and cached input that costs more than other input',
    text: 'prices:\n  cap: {inputUsdPerMtok: 0.000003, outputUsdPerMtok: 0}\n  models:\n    - {model: m, inputUsdPerMtok: 1, cachedInputUsdPerMtok: 2, outputUsdPerMtok: 1}\n',
    lines: [
      'c.yaml:2:26: prices.cap.inputUsdPerMtok: is less than 0.0001 US dollars per million tokens, which no model costs. Give the price of a million tokens, not of one.',
      'c.yaml:4:61: prices.models[0].cachedInputUsdPerMtok: is more than the input price. Give what cached input costs, or leave it out.',
    ],
  },
  {
    name: 'two prices of the same, and one for an endpoint and a company at once',
    text: 'prices:\n  models:\n    - {model: m, inputUsdPerMtok: 1, outputUsdPerMtok: 1}\n    - {model: m, inputUsdPerMtok: 2, outputUsdPerMtok: 1}\n    - {model: m, endpoint: a, processor: b, inputUsdPerMtok: 2, outputUsdPerMtok: 1}\n',
    lines: [
      'c.yaml:4:15: prices.models[1].model: models[0] is a price of the same. Keep the one that holds.',
      'c.yaml:5:42: prices.models[2].processor: stands beside `endpoint`, which is nearer. Keep one of the two.',
    ],
  },
  {
    name: 'a table of prices that is not there',
    text: 'prices:\n  table: no-such.yaml\n',
    lines: [
      'c.yaml:2:10: prices.table: the table cannot be used: no-such.yaml: this file cannot be read. Create it, make it readable for this user, or correct the path. Until it is right, nothing starts: a price is never guessed.',
    ],
  },
  {
    name: 'a budget of a misspelt kind, one that is negative, and one too large to count',
    text: 'budgets:\n  whole: {usdPerDays: 1, tokensPerDay: -1, usdPerMonth: 1.0e+12}\n',
    lines: [
      'c.yaml:2:11: budgets.whole.usdPerDays: there is no such key here. Did you mean `usdPerDay`?',
      'c.yaml:2:40: budgets.whole.tokensPerDay: is less than 0. Give a whole number from 0 to 1000000000000000.',
      'c.yaml:2:57: budgets.whole.usdPerMonth: is more than 9000000. Give a number from 0 to 9000000.',
    ],
  },
  {
    name: 'a budget of a team that does not exist',
    text: 'teams: [{id: research}]\nbudgets:\n  teams: [{team: reserch, usdPerDay: 1}, {team: local}]\n',
    lines: ['c.yaml:3:18: budgets.teams[0].team: no team has this id. Did you mean `research`?'],
  },
  {
    name: 'two budgets of one team, and a time zone that nobody knows',
    text: 'teams: [{id: a}]\nbudgets:\n  timeZone: Europe/Atlantis\n  teams:\n    - {team: a, usdPerDay: 1}\n    - {team: a, usdPerMonth: 1}\n',
    lines: [
      'c.yaml:3:13: budgets.timeZone: is no time zone that is known here. Give an IANA name, such as `UTC` or `Europe/Berlin`.',
      'c.yaml:6:14: budgets.teams[1].team: teams[0] is of the same team. Keep one entry with all its limits.',
    ],
  },
  {
    name: 'two prices for one model',
    text: endpoint(
      '    models:\n      - {name: m, price: {inputUsdPerMtok: 1, outputUsdPerMtok: 1}}\n      - {name: m, price: {inputUsdPerMtok: 2, outputUsdPerMtok: 1}}\n',
    ),
    lines: [
      'c.yaml:6:16: endpoints[0].models[1].name: models[0] has the same name, and each gives a price. Keep one entry with the price that holds.',
    ],
  },
  {
    name: 'an empty list of models',
    text: endpoint('    models: []\n'),
    lines: ['c.yaml:4:13: endpoints[0].models: has fewer than 1 entries. Give a list.'],
  },
  {
    name: 'gauges that are no place',
    text: endpoint('    gauges: metrics\n'),
    lines: ['c.yaml:4:13: endpoints[0].gauges: is not a URL. Give a path on its host, such as `/metrics`, or a whole URL.'],
  },
  {
    name: 'an unknown device',
    text: 'engines:\n  - {id: e, model: m.gguf, gpu: vulkn}\n',
    lines: [
      'c.yaml:2:33: engines[0].gpu: is not one of the values that are possible here. Did you mean `vulkan`? Give `false`, `auto`, `vulkan`, `cuda` or `metal` (default `false`).',
    ],
  },
  {
    name: 'an emulator without its engine and chip',
    text: 'engines: [{id: e1, model: m.gguf}]\nemulators:\n  - {id: x, profile: h10, engine: e}\n',
    lines: [
      'c.yaml:3:22: emulators[0].profile: there is no such profile. Did you mean `h100`?',
      'c.yaml:3:35: emulators[0].engine: no engine has this id. Did you mean `e1`?',
    ],
  },
  {
    name: 'a timeout that another ends first',
    text: 'limits:\n  ttftTimeoutMs: 700000\n',
    lines: ['c.yaml:2:18: limits.ttftTimeoutMs: is longer than totalTimeoutMs (600000). Lower it, or raise totalTimeoutMs.'],
  },
  {
    name: 'a scalar for a section',
    text: 'limits: 5\n',
    lines: ['c.yaml:1:9: limits: is a number, which cannot stand here. Give a section of keys.'],
  },
  { name: 'a list for a file', text: '- a\n', lines: ['c.yaml:1:1: is a list, which cannot stand here. Give a section of keys.'] },
  { name: 'a key twice', text: 'listen: {}\nlisten: {}\n', lines: ['c.yaml:2:1: this key stands twice in the same section. Keep one of the two.'] },
  { name: 'a tab', text: 'listen:\n\tport: 5\n', lines: ['c.yaml:2:1: a tab is used to indent. Indent with spaces.'] },
  {
    name: 'a lost indentation',
    text: 'listen:\n  port: 1\n host: x\n',
    lines: ['c.yaml:3:1: this line’s indentation fits no section above it. Align it with the other keys of its section.'],
  },
  {
    name: 'an open quote',
    text: 'listen:\n  host: "127\n',
    lines: ['c.yaml:3:1: a quote, bracket, comma or colon is missing here. Close or complete what stands here.'],
  },
  {
    name: 'an anchor and its alias',
    text: 'listen: &x {}\nledger: *x\n',
    lines: [
      'c.yaml:1:12: anchors and aliases (`&name`, `*name`) are not supported. Write the value out.',
      'c.yaml:2:9: anchors and aliases (`&name`, `*name`) are not supported. Write the value out.',
    ],
  },
  { name: 'a tag', text: 'listen: !!js/function x\n', lines: ['c.yaml:1:9: tags (`!name`) are not supported. Write the plain value.'] },
  {
    name: 'two documents',
    text: 'listen: {}\n---\nledger: {}\n',
    lines: ['c.yaml:2:1: a second document (`---`) begins here. Keep one document in the file.'],
  },
  {
    name: 'brackets without end',
    text: '['.repeat(100_000),
    lines: ['c.yaml: nests brackets deeper than any configuration. Give a configuration file.'],
  },
  {
    name: 'several things at once, of every kind',
    text: `listen: {port: 99999, hots: x}\nendpoints:\n  - {id: a, url: "http://x.example"}\n  - {id: b, urll: x}\nlimits: {drainMs: -1}\n`,
    lines: [
      `c.yaml:1:16: listen.port: is more than 65535. Give ${whole} 0 to 65535 (default \`4000\`).`,
      'c.yaml:1:23: listen.hots: there is no such key here. Did you mean `host`?',
      'c.yaml:3:18: endpoints[0].url: is http to a host that is not private, so that prompts and keys could be read on the way. Use `https://`, or set `allowPrivate: true` if the host is in your own network.',
      'c.yaml:4:5: endpoints[1].url: is missing. Add it. Its base URL, with or without `/v1` at the end. Plain `http://` only to this machine, to private addresses, or with `allowPrivate: true`.',
      'c.yaml:4:13: endpoints[1].urll: there is no such key here. Did you mean `url`?',
      `c.yaml:5:19: limits.drainMs: is less than 0. Give ${whole} 0 to 3600000 (default \`30000\`).`,
    ],
  },
];
