import { EngineFailure, engineErrors } from './engine-error.ts';

type Schema = Readonly<Record<string, unknown>>;

/** JSON's own values, in GBNF, llama.cpp's grammar notation. */
const jsonRules: readonly string[] = [
  String.raw`ws ::= | " " | "\n" [ \t]{0,20}`,
  String.raw`char ::= [^"\\\x7F\x00-\x1F] | [\\] (["\\/bfnrt] | "u" [0-9a-fA-F]{4})`,
  String.raw`string ::= "\"" char* "\""`,
  `integer ::= "-"? ("0" | [1-9] [0-9]{0,15})`,
  `number ::= integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?`,
  `boolean ::= "true" | "false"`,
  `null ::= "null"`,
  `object ::= "{" ws ( string ws ":" ws any ( ws "," ws string ws ":" ws any )* )? ws "}"`,
  `array ::= "[" ws ( any ( ws "," ws any )* )? ws "]"`,
  `any ::= string | number | boolean | null | object | array`,
];

/** Keywords that narrow what is valid, but that a grammar cannot express: to ignore them would be to lie. */
const inexpressible = [
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'not',
  'if',
  'patternProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'dependentRequired',
  'dependentSchemas',
  'contains',
  'uniqueItems',
  'allOf',
];
const simpleTypes = new Set(['string', 'number', 'integer', 'boolean', 'null', 'object', 'array']);
const maxRules = 2000;
const maxDepth = 64;
/** llama.cpp writes a bounded repetition out, one rule for each time. */
const maxRepetitions = 20_000;

/** Turns JSON schemas into one grammar whose every sentence satisfies them. Properties come in the schema's order. */
export class SchemaGrammar {
  readonly #rules: string[] = [];
  readonly #references = new Map<string, string>();
  #depth = 0;
  #repetitions = 0;

  /** The whole grammar, given the right-hand side of its root. */
  text(root: string): string {
    return [`root ::= ${root}`, ...this.#rules, ...jsonRules].join('\n');
  }

  /** The name of a rule (or an expression in parentheses) for what `schema` allows; `path` names it in errors. */
  value(schema: unknown, path: string, document: unknown = schema): string {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw unsupported(path, 'is nested too deeply');
    const expression = this.#valueOf(schema, path, document);
    this.#depth -= 1;
    return expression;
  }

  #valueOf(schema: unknown, path: string, document: unknown): string {
    if (schema === true) return 'any';
    if (!isSchema(schema)) throw unsupported(path, 'is not a schema');
    for (const keyword of inexpressible) {
      if (schema[keyword] !== undefined) throw unsupported(path, `uses \`${keyword}\`, which this engine cannot enforce`);
    }
    const reference = schema['$ref'];
    if (typeof reference === 'string') return this.#reference(reference, path, document);
    if ('const' in schema) return literal(schema['const']);
    const options = schema['enum'];
    if (Array.isArray(options)) return alternatives(options.map(literal), path);
    const branches = schema['anyOf'] ?? schema['oneOf'];
    if (Array.isArray(branches)) {
      return alternatives(
        branches.map((branch, index) => this.value(branch, `${path}.${index}`, document)),
        path,
      );
    }
    const type = schema['type'] ?? (isSchema(schema['properties']) ? 'object' : 'any');
    if (Array.isArray(type)) {
      return alternatives(
        type.map((one) => this.value({ ...schema, type: one }, path, document)),
        path,
      );
    }
    if (type === 'any') return 'any';
    if (typeof type !== 'string' || !simpleTypes.has(type)) throw unsupported(path, `has an unknown type`);
    if (type === 'object') return this.#object(schema, path, document);
    if (type === 'array') return this.#array(schema, path, document);
    if (type === 'string') return this.#string(schema, path);
    return type;
  }

  #rule(body: string, path: string): string {
    const name = `rule-${this.#rules.length}`;
    if (this.#rules.length >= maxRules) throw unsupported(path, 'is too large');
    this.#rules.push(`${name} ::= ${body}`);
    return name;
  }

  #repeat(times: number, path: string): void {
    this.#repetitions += times;
    if (this.#repetitions > maxRepetitions) throw unsupported(path, 'allows lengths that are too large for this engine to enforce');
  }

  #string(schema: Schema, path: string): string {
    const { minLength, maxLength } = schema;
    if (minLength === undefined && maxLength === undefined) return 'string';
    const least = typeof minLength === 'number' ? minLength : 0;
    const most = typeof maxLength === 'number' ? maxLength : '';
    this.#repeat(Math.max(least, most === '' ? 0 : most), path);
    return String.raw`("\"" char{${least},${most}} "\"")`;
  }

  #array(schema: Schema, path: string, document: unknown): string {
    const { items, prefixItems, minItems, maxItems } = schema;
    if (prefixItems !== undefined) throw unsupported(path, 'uses `prefixItems`, which this engine cannot enforce');
    const item = items === undefined ? 'any' : this.value(items, `${path}.items`, document);
    const least = typeof minItems === 'number' ? minItems : 0;
    const most = typeof maxItems === 'number' ? maxItems : undefined;
    if (most === 0) return '("[" ws "]")';
    this.#repeat(Math.max(least, most ?? 0), path);
    const further = `{${Math.max(least - 1, 0)},${most === undefined ? '' : most - 1}}`;
    const some = `${item} ( ws "," ws ${item} )${further}`;
    return this.#rule(`"[" ws ${least > 0 ? some : `( ${some} )?`} ws "]"`, path);
  }

  /** One rule per property and per whether a member already stands before it, for the comma between them. */
  #object(schema: Schema, path: string, document: unknown): string {
    const { properties, required, additionalProperties } = schema;
    if (!isSchema(properties) || Object.keys(properties).length === 0) {
      if (additionalProperties === false) return '("{" ws "}")';
      if (!isSchema(additionalProperties)) return 'object';
      const value = this.value(additionalProperties, `${path}.additionalProperties`, document);
      return this.#rule(`"{" ws ( string ws ":" ws ${value} ( ws "," ws string ws ":" ws ${value} )* )? ws "}"`, path);
    }
    const needed = new Set(Array.isArray(required) ? required.map(String) : []);
    let first = '';
    let later = '';
    for (const [name, property] of Object.entries(properties).toReversed()) {
      const member = `${literal(name)} ws ":" ws ${this.value(property, `${path}.properties.${name}`, document)}`;
      const withComma = `ws "," ws ${member}`;
      const oldFirst = first;
      const oldLater = later;
      // GBNF reads an alternative at a line's end as going on in the next line, so an empty one is written as `?`.
      const optional = oldFirst === '' ? `( ${member} )?` : `( ${member} ${oldLater} ) | ${oldFirst}`;
      first = this.#rule(needed.has(name) ? `${member} ${oldLater}` : optional, path);
      later = this.#rule(needed.has(name) ? `${withComma} ${oldLater}` : `( ${withComma} )? ${oldLater}`, path);
    }
    return this.#rule(`"{" ws ${first} ws "}"`, path);
  }

  #reference(reference: string, path: string, document: unknown): string {
    const known = this.#references.get(reference);
    if (known !== undefined) return known;
    if (!reference.startsWith('#')) throw unsupported(path, 'refers to another document');
    let target: unknown = document;
    for (const part of reference.slice(1).split('/').slice(1)) {
      const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
      target = isSchema(target) ? target[key] : undefined;
    }
    if (target === undefined) throw unsupported(path, `refers to \`${reference}\`, which is not there`);
    // The name must stand before the rule is written, for a schema may refer to itself.
    const name = `ref-${this.#references.size}`;
    this.#references.set(reference, name);
    this.#rules.push(`${name} ::= ${this.value(target, `${path}.$ref`, document)}`);
    return name;
  }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A GBNF string for the JSON text of a value. */
function literal(value: unknown): string {
  const text = JSON.stringify(value)
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`);
  return `"${text}"`;
}

function alternatives(options: readonly string[], path: string): string {
  if (options.length === 0) throw unsupported(path, 'allows no value');
  return `( ${options.join(' | ')} )`;
}

function unsupported(path: string, what: string): EngineFailure {
  return new EngineFailure(engineErrors.unsupported(path, `The schema at ${path} ${what}.`));
}
