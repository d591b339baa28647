/** Writes `docs/dialects.md` from the profiles of quirks. A test fails when it is stale; this script renews it. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { allProfiles } from '../src/protocol/profiles/profile-named.ts';
import { knownHosts } from '../src/fleet/known-hosts.ts';
import type { Profile, Refusal } from '../src/protocol/profiles/profile.ts';

export const dialectDocsPath = 'docs/dialects.md';

const preface = `# Dialects and quirk profiles

<!-- Written by scripts/generate-dialect-docs.ts from src/protocol/profiles/: change the data, then run it. -->

Vendors differ in what they refuse, rename and forget. What is known of each stands in a *profile*, which an endpoint
names with \`profile:\`, or has by its host. Keys of the endpoint's own (\`tokenIds\`, \`prefill\`, \`extensions\`) stand
before the profile's.

- A request that asks for something an endpoint **refuses or would not heed** goes to another endpoint of the model;
  where none takes it the client gets a 400 \`unsupported_value\` that names the field. It is never dropped in silence.
- What **asks for nothing** (\`n: 1\`, \`logprobs: false\`, penalties of 0, \`parallel_tool_calls: true\`, \`null\`, empties)
  is taken out for an endpoint that refuses the member by its mere presence.
- An endpoint gets a field **beyond the published API** only where it or its profile declares it.
- Answers are rewritten into the published form only where the profile says that they differ; otherwise every byte
  passes as it came. Reasoning stays where its endpoint put it.
- A model that is neither configured nor discovered is refused by the gateway, whatever an endpoint would say to it.

**Proof.** *recorded*: the facts were seen in raw answers of a real engine (\`test/fixtures/recorded/\`). *fixtures only*:
written from the vendor's published pages and tried on fixtures, never against the vendor. Whoever has a key can prove
one in a minute and keep the report: \`second-source verify --real URL --key env:NAME --profile NAME\`.

| profile | | dialect | proof | inferred for |
|---|---|---|---|---|
`;

const proofs = { recorded: '**recorded**', fixtures: 'fixtures only' } as const;

function row({ name, title, dialect, proof }: Profile): string {
  const hosts = knownHosts
    .filter(({ profile }) => profile === name)
    .map(({ host }) => (typeof host === 'string' ? `\`${host}\`` : `\`${host.source}\``));
  if (name === 'gemini-openai') hosts.push('`generativelanguage.googleapis.com/…/openai`');
  return `| \`${name}\` | ${title} | ${dialect} | ${proofs[proof]} | ${hosts.join(', ').replaceAll('|', '\\|') || '–'} |`;
}

function described(refusal: Refusal): string {
  const path = `\`${refusal.path}\``;
  switch (refusal.kind) {
    case 'always':
      return path;
    case 'values':
      return `${path} of ${refusal.values.map((value) => `\`${value}\``).join(', ')}`;
    case 'above':
      return `${path} above ${refusal.most}`;
    case 'prefix':
      return `${path} that begins with ${refusal.prefixes.map((prefix) => `\`${prefix}\``).join(' or ')}`;
    case 'object':
      return `${path} as an object`;
  }
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function tenantsTold({ request: { tenants } }: Profile): string {
  if (tenants === undefined) return '';
  const added = tenants.adds === undefined ? [] : [`\`${tenants.adds}\` is a digest for each`];
  return [...added, ...(tenants.hides.length === 0 ? [] : [`of ${codes(tenants.hides)} a digest alone is sent`])].join('; ');
}

function section(profile: Profile): string {
  const { request, answer, rateLimits, prefill } = profile;
  const lines: (readonly [string, string])[] = [
    ['Routes', codes(profile.routes)],
    ['Key', profile.auth === 'bearer' ? '`Authorization: Bearer`' : `\`${profile.auth}\``],
    ['Takes only', request.onlyMembers === undefined ? '' : codes(request.onlyMembers)],
    ['Refuses or does not heed', request.refuses.map(described).join(', ')],
    [
      'Renames',
      Object.entries(request.renames)
        .map(([from, to]) => `\`${from}\` → \`${to}\``)
        .join(', '),
    ],
    ['Roles', request.developerIsSystem ? '`developer` is sent as `system`' : ''],
    ['Left out of messages', codes(request.strips)],
    ['Several tenants', tenantsTold(profile)],
    [
      'Usage of a stream',
      request.usageUnasked ? 'comes unasked; `stream_options` is not sent' : answer.usageIn === 'usage' ? '' : `in \`${answer.usageIn}\``,
    ],
    [
      'Finish reasons',
      Object.entries(answer.finishReasons)
        .map(([own, published]) => `\`${own}\` → \`${published}\``)
        .join(', '),
    ],
    [
      'Tool calls',
      [answer.callsEndWithStop ? 'may end with `stop`' : '', answer.callsShareIndex ? 'may all have index 0' : '']
        .filter((said) => said !== '')
        .join(', '),
    ],
    ['Content', answer.contentInParts ? 'may be a list of parts, with thinking among them' : ''],
    ['Statuses', answer.statusRules.map(({ from, status, body }) => `${from} with \`${body.source}\` means ${status}`).join(', ')],
    ['Understands beside the published API', codes(profile.extensions)],
    ['Token ids', profile.tokenIds ? 'yes' : ''],
    ['Prefill', prefill === undefined ? '' : `\`${prefill.form}\`${prefill.repeats ? ', and repeats the given text' : ''}`],
    [
      'Reasoning',
      profile.reasoning === 'none known' ? '' : profile.reasoning === 'in content' ? 'in the content, not touched' : `\`${profile.reasoning}\``,
    ],
    [
      'Limits',
      rateLimits.headers === 'none'
        ? ''
        : `headers \`${rateLimits.headers}-*\`${rateLimits.requestsPer === 'unsaid' ? '' : `, requests per ${rateLimits.requestsPer}`}`,
    ],
    ['Read in', profile.origins.map((origin) => (origin.startsWith('http') ? `<${origin}>` : origin)).join('; ')],
  ];
  const told = lines.filter(([, value]) => value !== '').map(([name, value]) => `- ${name}: ${value}`);
  return [
    `## \`${profile.name}\`: ${profile.title} (${proofs[profile.proof].replaceAll('*', '')})`,
    '',
    ...told,
    ...profile.notes.map((note) => `- ${note}`),
    '',
  ].join('\n');
}

export function renderDialectDocs(): string {
  return `${preface}${allProfiles.map(row).join('\n')}\n\n${allProfiles.map(section).join('\n').trimEnd()}\n`;
}

if (import.meta.main) writeFileSync(fileURLToPath(new URL(`../${dialectDocsPath}`, import.meta.url)), renderDialectDocs());
