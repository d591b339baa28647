import { expect, test } from 'vitest';
import { EngineFailure } from './engine-error.ts';
import { SchemaGrammar } from './schema-grammar.ts';

function grammarOf(schema: unknown): string {
  const grammar = new SchemaGrammar();
  return grammar.text(grammar.value(schema, 'schema'));
}

test('a schema that narrows values in a way no grammar can express is refused by the keyword’s name', () => {
  for (const keyword of ['pattern', 'minimum', 'uniqueItems', 'not', 'allOf']) {
    expect(() => grammarOf({ type: 'object', properties: { a: { type: 'string', [keyword]: 1 } } })).toThrow(
      `schema.properties.a uses \`${keyword}\``,
    );
  }
});

test('a schema that refers to itself makes a rule that does so too', () => {
  const text = grammarOf({
    $ref: '#/$defs/node',
    $defs: { node: { type: 'object', properties: { next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } }, required: ['next'] } },
  });
  expect(text).toContain('root ::= ref-0');
  expect(text).toContain('( ref-0 | null )');
});

test('no rule ends with an open alternative, which would swallow the next one', () => {
  const properties = { a: { type: 'string' }, b: { type: ['integer', 'null'] }, c: { enum: ['x', 3, null] } };
  for (const required of [[], ['a'], ['b'], ['c'], ['a', 'c'], ['a', 'b', 'c']]) {
    for (const line of grammarOf({ type: 'object', properties, required }).split('\n')) expect(line.trimEnd()).not.toMatch(/\|$/u);
  }
});

test('quotes and backslashes in names and values are written as JSON writes them', () => {
  expect(grammarOf({ const: 'say "hi"\\' })).toContain(String.raw`"\"say \\\"hi\\\"\\\\\""`);
});

test('errors are the client’s, with the place in the schema', () => {
  let thrown: unknown;
  try {
    grammarOf({ type: 'object', properties: { list: { type: 'array', items: { $ref: 'http://x' } } } });
  } catch (error) {
    thrown = error;
  }
  expect(thrown instanceof EngineFailure && thrown.error.status === 400 && thrown.error.param).toBe('schema.properties.list.items');
});

test('a schema that would make a huge grammar is refused', () => {
  expect(() => grammarOf({ type: 'string', maxLength: 1e9 })).toThrow('too large');
  let deep: object = { type: 'string' };
  for (let level = 0; level < 100; level++) deep = { type: 'array', items: deep };
  expect(() => grammarOf(deep)).toThrow('nested too deeply');
});
