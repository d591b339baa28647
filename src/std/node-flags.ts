/**
 * How every process of the product runs Node. `__proto__` is no accessor any more: what an object is cannot be changed by
 * a name in somebody's JSON (security requirements S16 and S39). The bootstrap has the same list, since it runs on older
 * Nodes that read no TypeScript.
 */
export const nodeFlags: readonly string[] = ['--disable-warning=ExperimentalWarning', '--disable-proto=delete'];
