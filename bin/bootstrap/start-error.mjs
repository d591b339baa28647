/** A failure that a person can act on: its message is one sentence of what, where and what to do. */
export class StartError extends Error {}
