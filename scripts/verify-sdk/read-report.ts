export interface TestOutcome {
  /** File and class, without the folder that all share. */
  readonly suite: string;
  /** The test, without the client that it was run with. */
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** The first line of why it failed; '' otherwise. */
  readonly why: string;
}

/** The tests of a JUnit report, as pytest writes it: flat, with each failure's message as an attribute. */
export function readReport(xml: string): readonly TestOutcome[] {
  return [...xml.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(([, attributes = '', inside = '']) => {
    const failed = /<(?:failure|error)\b([^>]*)>/.exec(inside);
    const skipped = inside.includes('<skipped');
    return {
      suite: attribute(attributes, 'classname').replace(/^tests\.api_resources\./, ''),
      name: attribute(attributes, 'name').replace(/\[.*\]$/, ''),
      result: failed !== null ? 'failed' : skipped ? 'skipped' : 'passed',
      why: failed === null ? '' : (attribute(failed[1] ?? '', 'message').split('\n')[0] ?? ''),
    };
  });
}

const entities: Readonly<Record<string, string>> = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&' };

function attribute(attributes: string, name: string): string {
  const [, value = ''] = new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes) ?? [];
  return value.replaceAll(/&(?:#(\d+)|(\w+));/g, (_, code?: string, word?: string) =>
    code === undefined ? (entities[word ?? ''] ?? '') : String.fromCodePoint(Number(code)),
  );
}
