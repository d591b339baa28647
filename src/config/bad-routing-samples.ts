import type { BadConfigSample } from './bad-config-sample.ts';

/** Configurations of routing with what must be said of each, word for word. */
export const badRoutingSamples: readonly BadConfigSample[] = [
  {
    name: 'an SLO class that there is not, in every place',
    text: 'teams:\n  - id: red\nrouting:\n  slo: intractive\n  sloClasses:\n    - {name: interactive}\n  models:\n    - {model: m, slo: batch}\n  teams:\n    - {team: red, slo: interactve}\n  keys:\n    - {key: k, slo: agent}\n',
    lines: [
      'c.yaml:4:8: routing.slo: no SLO class has this name. Did you mean `interactive`?',
      'c.yaml:8:23: routing.models[0].slo: no SLO class has this name. Add the class under `routing.sloClasses`, or remove this.',
      'c.yaml:10:24: routing.teams[0].slo: no SLO class has this name. Did you mean `interactive`?',
      'c.yaml:12:21: routing.keys[0].slo: no SLO class has this name. Add the class under `routing.sloClasses`, or remove this.',
    ],
  },
  {
    name: 'models that stand in for each other in a cycle',
    text: 'routing:\n  sloClasses:\n    - name: interactive\n      degradeTo:\n        - {model: big, to: middle}\n        - {model: middle, to: small}\n        - {model: small, to: big}\n    - name: batch\n      degradeTo:\n        - {model: big, to: big}\n',
    lines: [
      'c.yaml:7:30: routing.sloClasses[0].degradeTo[2].to: goes round in a cycle: small → big → middle → small. Take one of them out: whatever stands in last has nobody to stand in for it.',
      'c.yaml:10:28: routing.sloClasses[1].degradeTo[0].to: goes round in a cycle: big → big. Take one of them out: whatever stands in last has nobody to stand in for it.',
    ],
  },
  {
    name: 'names that stand twice in routing, and a team that there is not',
    text: 'routing:\n  sloClasses:\n    - {name: a}\n    - {name: a}\n  models: [{model: m}, {model: m}]\n  teams: [{team: rde}]\n',
    lines: [
      'c.yaml:4:14: routing.sloClasses[1].name: sloClasses[0] has the same name. Keep one entry with all that holds.',
      'c.yaml:5:32: routing.models[1].model: models[0] has the same model. Keep one entry with all that holds.',
      'c.yaml:6:18: routing.teams[0].team: no team has this id. Add the team under `teams`, or remove this.',
    ],
  },
  {
    name: 'an objective that is none',
    text: 'routing:\n  objective: quickest\n',
    lines: [
      'c.yaml:2:14: routing.objective: is not one of the values that are possible here. Give `fastest`, `cheapest` or `balanced` (default `balanced`).',
    ],
  },
];
