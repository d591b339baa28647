import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../std/clock.ts';
import type { Random } from '../std/random.ts';
import { AnswerPacer } from './answer-pacer.ts';
import { answerFaultCommand, sendFault, sendJson } from './answer-control.ts';
import { breakConnection, resetSocket } from './break-connection.ts';
import type { EmulatedBatch, Ticket } from './emulated-batch.ts';
import { emulatedHeader } from './emulated-header.ts';
import type { EmulatorFault, FaultSwitch } from './emulator-fault.ts';
import type { EmulatorProfile } from './emulator-profile.ts';
import { matchRoute, type EmulatorRoute } from './emulator-routes.ts';
import { collectBody, collectRequest, maxBodyBytes, responseFields, type EngineClient } from './engine-client.ts';
import { holdMetrics } from './hold-metrics.ts';
import type { HoldMeter } from './hold-report.ts';
import { describeProfile } from './profiles.ts';
import { relayStream } from './relay-answer.ts';
import { relayWholeAnswer } from './relay-whole-answer.ts';

interface DeskParts {
  readonly profile: EmulatorProfile;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: FaultSwitch;
  readonly meter: HoldMeter;
  readonly batch: EmulatedBatch;
  readonly engine: EngineClient;
  readonly onFaultCommand: (fault: EmulatorFault | undefined, askedOver: Socket | null) => void;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
}

/** Bytes of a JSON body for each token, until the engine says how long the prompt is. */
const bytesPerToken = 4;

const proxyErrorPage =
  '<html>\r\n<head><title>500 Internal Server Error</title></head>\r\n<body><center><h1>500 Internal Server Error</h1></center></body>\r\n</html>\r\n';

/** Answers each request to an emulator: by a fault, from the engine at the emulated pace, or by itself. */
export class RequestDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader(emulatedHeader, this.#parts.profile.id);
    const aborter = new AbortController();
    // Fires at once when the connection goes, so that the engine stops computing for nobody.
    response.on('close', () => aborter.abort());
    response.on('error', () => aborter.abort());
    this.#route({ request, response, signal: aborter.signal }).catch(() => {
      // Whatever broke off, a client must not take what it has for a whole answer.
      if (aborter.signal.aborted) return;
      this.#parts.meter.engineFailed();
      if (response.headersSent) breakConnection(response, 'rst');
      else sendFault(response, { code: 'upstream_unreachable', detail: 'The engine behind this emulator broke off or cannot be reached.' });
    });
  }

  async #route(exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const [path = '/'] = (request.url ?? '/').split('?');
    const match = matchRoute(request.method ?? 'GET', path);
    if (match.kind === 'found' && match.route.startsWith('control-')) return this.#control(exchange, match.route);
    const fault = this.#parts.faults.current();
    if (fault?.kind === 'down') return resetSocket(request.socket);
    if (fault?.kind === 'http-500') {
      response.writeHead(500, { 'content-type': 'text/html' });
      response.end(proxyErrorPage);
      return;
    }
    if (match.kind === 'none') return sendFault(response, { code: 'not_found' });
    if (match.kind === 'wrong-method') {
      response.setHeader('allow', match.allow);
      return sendFault(response, { code: 'method_not_allowed' });
    }
    if (match.route === 'metrics') return this.#metrics(exchange);
    if (match.route === 'passed') return this.#pass(exchange);
    if (fault?.kind === 'rate-limit') return sendFault(response, { code: 'rate_limit_exceeded', retryAfterMs: fault.retryAfterS * 1_000 });
    return this.#queue(exchange);
  }

  async #control({ request, response }: Exchange, route: EmulatorRoute): Promise<void> {
    const { profile, meter, faults, onFaultCommand } = this.#parts;
    if (route === 'control-hold') return sendJson(response, 200, meter.report());
    if (route === 'control-profile') return sendJson(response, 200, { sentence: describeProfile(profile), fault: faults.current() ?? null, profile });
    return answerFaultCommand(request, response, (fault) => onFaultCommand(fault, request.socket));
  }

  /** Passes a request on that costs the emulated chip nothing. */
  async #pass({ request, response, signal }: Exchange): Promise<void> {
    const upstream = await this.#parts.engine.send({ method: 'GET', path: request.url ?? '/', headers: request.headers, body: undefined, signal });
    const body = await collectBody(upstream.body, maxBodyBytes);
    if (body === 'too-large') throw new Error('The engine sent more than a probe may answer.');
    response.writeHead(upstream.statusCode, { ...responseFields(upstream.headers), 'content-length': String(body.length) });
    response.end(body);
  }

  /** The engine's metrics, where it has any, then the emulator's own. */
  async #metrics({ request, response, signal }: Exchange): Promise<void> {
    const { engine, meter, batch } = this.#parts;
    const fromEngine = await engine
      .send({ method: 'GET', path: '/metrics', headers: request.headers, body: undefined, signal })
      .then(async (upstream) => {
        const body = await collectBody(upstream.body, maxBodyBytes);
        return body === 'too-large' || upstream.statusCode !== 200 ? '' : body.toString('utf8');
      })
      .catch(() => '');
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(fromEngine + (fromEngine === '' || fromEngine.endsWith('\n') ? '' : '\n') + holdMetrics(meter.report(), batch));
  }

  /** Waits for a place in the emulated batch, and answers from it. */
  async #queue(exchange: Exchange): Promise<void> {
    const { batch, profile } = this.#parts;
    let seat: () => void = () => undefined;
    const seated = new Promise<void>((resolve) => {
      seat = resolve;
    });
    const ticket = batch.request(() => seat());
    if (ticket === 'full') {
      return sendFault(exchange.response, {
        code: 'rate_limit_exceeded',
        detail: 'The emulated batch and its queue are full.',
        retryAfterMs: profile.limits.retryAfterS * 1_000,
      });
    }
    // The place is given up when the answer has ended or its client has gone, whichever the connection shows first.
    exchange.signal.addEventListener(
      'abort',
      () => {
        ticket.leave();
        seat();
      },
      { once: true },
    );
    await seated;
    if (exchange.signal.aborted) return;
    await this.#paced(exchange, ticket).finally(() => ticket.leave());
  }

  async #paced({ request, response, signal }: Exchange, ticket: Ticket): Promise<void> {
    const { profile, clock, batch, faults, meter, engine } = this.#parts;
    const admittedMs = clock.nowMs();
    const body = await collectRequest(request, maxBodyBytes);
    if (body === 'too-large') {
      // The rest of the body is never read, so nothing else can follow on this connection.
      response.setHeader('connection', 'close');
      return sendFault(response, { code: 'request_too_large' });
    }
    const upstream = await engine.send({ method: 'POST', path: request.url ?? '/', headers: request.headers, body, signal });
    const jitter = 1 + (2 * this.#parts.random() - 1) * profile.jitterFraction.value;
    const promptTokens = Math.ceil(body.length / bytesPerToken);
    const pacer = new AnswerPacer({ profile, clock, batch, ticket, faults, meter, signal, admittedMs, promptTokens, jitter });
    const relay = { response, pacer, faults, meter, clock, signal };
    if (upstream.statusCode !== 200) return this.#refusal(response, upstream);
    if (String(upstream.headers['content-type'] ?? '').startsWith('text/event-stream')) return relayStream(relay, upstream);
    return relayWholeAnswer(relay, upstream);
  }

  /** The engine's own refusal goes on at once; one that is not the client's fault shows that the engine cannot keep up. */
  async #refusal(response: ServerResponse, upstream: Awaited<ReturnType<EngineClient['send']>>): Promise<void> {
    if (upstream.statusCode === 429 || upstream.statusCode >= 500) this.#parts.meter.engineFailed();
    const body = await collectBody(upstream.body, maxBodyBytes);
    if (body === 'too-large') return sendFault(response, { code: 'upstream_error' });
    response.writeHead(upstream.statusCode, { ...responseFields(upstream.headers), 'content-length': String(body.length) });
    response.end(body);
  }
}
