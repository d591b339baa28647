import type { Mutant } from './mutant.ts';

const signInTest = 'test/control/sign-in.test.ts';
const auditTest = 'src/admin/audit/audit-log.test.ts';
const deskTest = 'src/admin/overlay/config-desk.test.ts';

/** Wrong versions of who may change what, and of what is kept of it. */
export const controlMutants: readonly Mutant[] = [
  {
    name: 'control: whoever has signed in may do everything',
    edits: [
      {
        file: 'src/admin/serve-control.ts',
        find: 'if (mayActAs(actor.role, role)) return undefined;',
        replace: "if (actor.kind !== 'nobody' || mayActAs(actor.role, role)) return undefined;",
      },
    ],
    killedBy: { file: signInTest, test: 'S27: an admin beyond loopback may only look until a second factor is set, whose codes count once' },
  },
  {
    name: 'control: a page without the session’s own token may change things',
    edits: [
      {
        file: 'src/admin/identify.ts',
        find: "request.method !== 'GET' && !sameText(control, session.controlToken)",
        replace: "request.method === 'TRACE' && !sameText(control, session.controlToken)",
      },
    ],
    killedBy: {
      file: signInTest,
      test: 'S28, S29: who signed in is known by a cookie that scripts cannot read and other sites cannot send, and changes things with the session’s token alone',
    },
  },
  {
    name: 'control: a session lasts as long as it is used',
    edits: [{ file: 'src/admin/sign-in/sessions.ts', find: 'nowMs >= kept.endsMs || ', replace: '' }],
    killedBy: { file: signInTest, test: 'S28: a session ends 30 minutes after its last use, and 12 hours after its beginning whatever its use' },
  },
  {
    name: 'control: a new password leaves the old sessions as they are',
    edits: [{ file: 'src/admin/sign-in/sessions.ts', find: 'if (session.user === user) this', replace: "if (session.user === '') this" }],
    killedBy: { file: signInTest, test: 'S28: signing out, a new password and a new role end a session on the server' },
  },
  {
    name: 'control: failed sign-ins cost nothing',
    edits: [
      {
        file: 'src/admin/sign-in/lockout.ts',
        find: 'if (failures.count < free) return 0;',
        replace: 'if (failures.count < free || firstWaitMs > 0) return 0;',
      },
    ],
    killedBy: {
      file: signInTest,
      test: 'S27: whoever fails again and again must wait, longer each time, and is told how long; the right password does not help meanwhile',
    },
  },
  {
    name: 'control: a code counts as often as it is sent',
    edits: [{ file: 'src/admin/sign-in/totp.ts', find: ' && step > lastUsedStep', replace: ' && lastUsedStep > -2' }],
    killedBy: {
      file: 'src/admin/sign-in/totp.test.ts',
      test: 'a code counts in its own step and the two beside it, once, and never when it is written otherwise',
    },
  },
  {
    name: 'audit: the chain between entries is not looked at',
    edits: [
      {
        file: 'src/admin/audit/verify-audit.ts',
        find: 'else if (entry.previous !== (this.#head?.hash ?? beginning))',
        replace: "else if (entry.previous === '' && (this.#head?.hash ?? beginning) !== '')",
      },
    ],
    killedBy: {
      file: auditTest,
      test: 'S33: an entry edited with a hash to match breaks the chain at the next, and the last one is missed by the head',
    },
  },
  {
    name: 'audit: an end that was cut off is not missed',
    edits: [{ file: 'src/admin/audit/verify-audit.ts', find: 'last < expected.seq)', replace: 'last < expected.seq - 1000)' }],
    killedBy: { file: auditTest, test: '%s is found, and where' },
  },
  {
    name: 'audit: a change is made without its record',
    edits: [{ file: 'src/admin/overlay/config-desk.ts', find: '    await audit.append({ actor, action, target, ...difference });\n', replace: '' }],
    killedBy: { file: deskTest, test: 'S33: a change is checked, noted before it is kept, kept across a restart, and taken into use' },
  },
  {
    name: 'overlay: the version that was read does not matter',
    edits: [
      {
        file: 'src/admin/overlay/config-desk.ts',
        find: '  change(actor: Actor, changes: readonly OverlayChange[], expected: number | undefined): Promise<Result<ConfigChanged, Fault>> {\n    return this.#inTurn(async () => {\n      if (expected !== undefined && expected !== this.version)',
        replace:
          '  change(actor: Actor, changes: readonly OverlayChange[], expected: number | undefined): Promise<Result<ConfigChanged, Fault>> {\n    return this.#inTurn(async () => {\n      if (expected === -2)',
      },
    ],
    killedBy: { file: deskTest, test: 'of two who read the same version, the second is told that it changed' },
  },
  {
    name: 'reload: an endpoint that moved is still reached where it was',
    edits: [{ file: 'src/compose/live-endpoints.ts', find: '    this.#around.leave(entry.id);\n', replace: '' }],
    killedBy: {
      file: 'test/real/reload.test.ts',
      test: 'with %i process(es): an endpoint that moves, and one that goes, end nothing that runs there',
    },
  },
  {
    name: 'reload: what runs on an endpoint that goes is broken off',
    edits: [
      {
        file: 'src/compose/live-endpoints.ts',
        find: '      fleet.remove(entry.id, () => whenGone(entry.id, deployments));',
        replace: '      fleet.remove(entry.id, () => {});\n      whenGone(entry.id, deployments);',
      },
    ],
    killedBy: {
      file: 'test/real/reload.test.ts',
      test: 'with %i process(es): an endpoint that moves, and one that goes, end nothing that runs there',
    },
  },
  {
    name: 'events: a slow follower is not told what it missed',
    edits: [{ file: 'src/admin/events/event-hub.ts', find: 'const count = this.#dropped;', replace: 'const count = 0 * this.#dropped;' }],
    killedBy: {
      file: 'src/admin/events/event-hub.test.ts',
      test: 'whatever a follower does, each event is given once in order or counted as dropped',
    },
  },
];
