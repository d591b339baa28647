import { z } from 'zod';
import { errorCatalogue, type Fault } from '../std/error-catalogue.ts';
import { faultReply, jsonReply, sendReply } from '../gateway/respond.ts';
import { readJsonBody } from './read-json-body.ts';
import type { Actor } from './actor.ts';
import type { ControlContext } from './control-context.ts';
import type { Fields } from '../http/field-lines.ts';
import type { HttpRequest } from '../http/server-connection.ts';
import type { Access } from './roles.ts';
import type { ServerResponse } from '../http/server-response.ts';

export type ControlMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What stands in the route table. There is no default for the role: a route without one does not compile. */
export interface RouteFacts {
  readonly method: ControlMethod;
  /** Fixed parts, and `{name}` for a part that the route reads. */
  readonly path: `/control/v1/${string}`;
  /** The least role that may call it. */
  readonly role: Access;
  readonly summary: string;
}

export interface ControlCall {
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Fields;
}

/** A change with its body as it was sent, before defaults were filled in. */
export interface ChangeCall extends ControlCall {
  readonly sent: unknown;
}

/** What a route has to say: an answer that fits its schema, or what is wrong. */
export type ControlOutcome<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'fault'; readonly fault: Fault };

export function answered<Answer>(answer: Answer, headers: Readonly<Record<string, string>> = {}): ControlOutcome<Answer> {
  return { kind: 'answer', answer, headers };
}

export function refused(code: Fault['code'], detail?: string, more: Partial<Fault> = {}): { readonly kind: 'fault'; readonly fault: Fault } {
  return { kind: 'fault', fault: { code, ...(detail === undefined ? {} : { detail }), ...more } };
}

/** A route with the shapes that the API's description is made from. */
export interface ControlRoute extends RouteFacts {
  readonly query: z.ZodType;
  /** Undefined where it takes none. */
  readonly body: z.ZodType | undefined;
  /** What it answers with: JSON of this shape, or something else of this content type. */
  readonly answer: z.ZodType | { readonly contentType: string };
  readonly serve: (context: ControlContext, request: HttpRequest, response: ServerResponse, call: ControlCall) => Promise<void> | void;
}

export const nothing = z.strictObject({});

type Run<Call, Given, Answer> = (context: ControlContext, call: Call, given: Given) => Promise<ControlOutcome<Answer>> | ControlOutcome<Answer>;

/** A route that shows something and changes nothing. */
export function readRoute<Query, Answer>(
  facts: RouteFacts & { readonly method: 'GET' },
  shapes: { readonly query: z.ZodType<Query>; readonly answer: z.ZodType<Answer> },
  run: Run<ControlCall, Query, Answer>,
): ControlRoute {
  return {
    ...facts,
    ...shapes,
    body: undefined,
    serve: async (context, request, response, call) => {
      const query = shapes.query.safeParse(queryOf(request.target));
      if (!query.success) return sendReply(response, faultReply(shapeFault(query.error)));
      sendOutcome(response, await run(context, call, query.data));
    },
  };
}

/** A route that changes something, by what its body says. */
export function changeRoute<Body, Answer>(
  facts: RouteFacts & { readonly method: Exclude<ControlMethod, 'GET'> },
  shapes: { readonly body: z.ZodType<Body>; readonly answer: z.ZodType<Answer> },
  run: Run<ChangeCall, Body, Answer>,
): ControlRoute {
  return {
    ...facts,
    ...shapes,
    query: nothing,
    serve: async (context, request, response, call) => {
      const read = await readJsonBody(request);
      if (!read.ok) return sendReply(response, faultReply(read.failure, { connection: 'close' }));
      const body = shapes.body.safeParse(read.value);
      if (!body.success) return sendReply(response, faultReply(shapeFault(body.error)));
      sendOutcome(response, await run(context, { ...call, sent: read.value }, body.data));
    },
  };
}

/** A route whose answer is no JSON value, such as a stream. */
export function rawRoute(facts: RouteFacts, contentType: string, serve: ControlRoute['serve'], body?: z.ZodType): ControlRoute {
  return { ...facts, query: nothing, body, answer: { contentType }, serve };
}

function sendOutcome(response: ServerResponse, outcome: ControlOutcome<unknown>): void {
  if (outcome.kind === 'fault') sendReply(response, faultReply(outcome.fault));
  else sendReply(response, jsonReply(200, JSON.stringify(outcome.answer), outcome.headers));
}

function queryOf(target: string): Record<string, string> {
  const mark = target.indexOf('?');
  return mark < 0 ? {} : Object.fromEntries(new URLSearchParams(target.slice(mark + 1)));
}

/** Says where a value does not fit. It is never quoted: it might be a password in the wrong place. */
function shapeFault(error: z.ZodError): Fault {
  const [first] = error.issues;
  const unknown = first?.code === 'unrecognized_keys' ? first.keys[0] : undefined;
  const param = [...(first?.path ?? []), ...(unknown === undefined ? [] : [unknown])].map(String).join('.');
  const code = unknown === undefined ? 'invalid_request' : 'unknown_parameter';
  const why = unknown === undefined ? wrong(first) : errorCatalogue.unknown_parameter.cause;
  return { code, detail: param === '' ? why : `\`${param}\`: ${why}`, ...(param === '' ? {} : { param }) };
}

function wrong(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'invalid_type':
      return `${issue.expected} is needed here.`;
    case 'invalid_format':
      return `it must be ${issue.message}.`;
    case 'too_small':
      return `it is smaller than ${issue.minimum}.`;
    case 'too_big':
      return `it is larger than ${issue.maximum}.`;
    case 'invalid_value':
      return `it is one of ${issue.values.map(String).join(', ')}.`;
    default:
      return errorCatalogue.invalid_request.cause;
  }
}
