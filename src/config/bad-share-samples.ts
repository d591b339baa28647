import type { BadConfigSample } from './bad-config-sample.ts';

const endpoint = 'endpoints:\n  - id: a\n    url: https://x.example\n';

/** The same for vendors, control groups, caps and webhooks. */
export const badShareSamples: readonly BadConfigSample[] = [
  {
    name: 'an endpoint of an unknown vendor',
    text: `${endpoint}    silicon: {vendor: nvida, chip: H100}\n`,
    lines: ['c.yaml:4:23: endpoints[0].silicon.vendor: is no vendor that is known. Did you mean `nvidia`?'],
  },
  {
    name: 'a cap on an unknown vendor',
    text: 'caps:\n  - {id: a, vendor: acme, mostPercent: 30}\n',
    lines: ['c.yaml:2:21: caps[0].vendor: is no vendor that is known. Add it under `vendors`, or correct its name.'],
  },
  {
    name: 'a cap over 100 percent',
    text: 'caps:\n  - {id: a, vendor: nvidia, mostPercent: 130}\n',
    lines: ['c.yaml:2:42: caps[0].mostPercent: is more than 100. Give a number from 0 to 100.'],
  },
  {
    name: 'caps on nobody, on two at once, and on an endpoint that is not there',
    text: `${endpoint}caps:\n  - {id: a, mostPercent: 1}\n  - {id: b, vendor: amd, chip: x, mostPercent: 1}\n  - {id: c, endpoint: b, mostPercent: 1}\n`,
    lines: [
      'c.yaml:5:5: caps[0]: does not say whom it caps. Give one of `vendor`, `controlGroup`, `chip` and `endpoint`.',
      'c.yaml:6:5: caps[1]: caps `vendor` and `chip` at once. Give one of `vendor`, `controlGroup`, `chip` and `endpoint`.',
      'c.yaml:7:23: caps[2].endpoint: no endpoint has this id. Did you mean `a`?',
    ],
  },
  {
    name: 'a vendor in two control groups',
    text: 'controlGroups:\n  - {name: green, vendors: [nvidia, groq]}\n  - {name: grey, vendors: [groq]}\n',
    lines: ['c.yaml:3:28: controlGroups[1].vendors[0]: is in the group `green` already. Leave it in one of the two.'],
  },
  {
    name: 'a webhook with its secret in the file',
    text: 'webhooks:\n  - {id: a, url: "https://x.example", secret: hunter2}\n',
    lines: [
      'c.yaml:2:47: webhooks[0].secret: a secret must not stand in this file itself. Give `env:NAME` for an environment variable or `file:PATH` for a file that holds it.',
    ],
  },
];
