import { z } from 'zod';
import { endpointSliceSchema, sliceReplicas, type EndpointSlice } from './endpoint-slice.ts';
import type { Clock } from '../std/clock.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Replica } from '../fleet/replica.ts';
import type { Transport, UpstreamCall } from './transport.ts';

export interface SliceWatch {
  readonly service: string;
  readonly namespace: string;
  readonly portName: string | undefined;
  /** The API server, with the token that holds now: a mounted one is renewed every hour. */
  readonly api: () => Endpoint;
  /** How long to wait after a failure, or where a watch ended at once. */
  readonly againAfterMs: number;
}

export interface SliceListener {
  readonly onReplicas: (found: readonly Replica[]) => void;
  /** There was no answer; what was found before may still hold. */
  readonly onFailure: (what: string) => void;
}

/** A list, or a line of a watch, that is larger is no list of endpoints. */
const mostBytes = 16 * 1024 * 1024;
const mostSlices = 1000;
const listTimeoutMs = 10_000;
/** The server ends a watch after this, and everything is listed anew: nothing that was missed stays so. */
const watchSeconds = 240;

const listSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }), items: z.array(endpointSliceSchema).max(mostSlices) });
const eventSchema = z.union([
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: endpointSliceSchema }),
  z.object({ type: z.literal('BOOKMARK') }),
]);

/** Lists the EndpointSlices of a Service and watches them for changes, for as long as it is not stopped. */
export function watchEndpointSlices(watch: SliceWatch, listener: SliceListener, transport: Transport, clock: Clock): () => void {
  const watcher = new SliceWatcher(watch, listener, transport, clock);
  watcher.list();
  return () => watcher.stop();
}

class SliceWatcher {
  readonly #watch: SliceWatch;
  readonly #listener: SliceListener;
  readonly #transport: Transport;
  readonly #clock: Clock;
  #slices = new Map<string, EndpointSlice>();
  #call: UpstreamCall | undefined;
  /** Of several requests only the latest is heard. */
  #turn = 0;
  #cancel: () => void = () => {};
  #isStopped = false;

  constructor(watch: SliceWatch, listener: SliceListener, transport: Transport, clock: Clock) {
    this.#watch = watch;
    this.#listener = listener;
    this.#transport = transport;
    this.#clock = clock;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
    this.#call?.abort();
  }

  list(): void {
    let text = '';
    this.#cancel = this.#clock.after(listTimeoutMs, () => this.#fail(`no list of EndpointSlices within ${listTimeoutMs / 1000} s`));
    this.#ask('', {
      onText: (more) => {
        text += more;
        if (text.length > mostBytes) this.#fail('the list of EndpointSlices is over 16 MiB');
      },
      onEnd: () => {
        const parsed = listSchema.safeParse(parseJson(text));
        if (!parsed.success) return this.#fail('its answer is no list of EndpointSlices');
        this.#cancel();
        this.#slices = new Map(parsed.data.items.map((slice) => [slice.metadata.name, slice]));
        this.#tell();
        this.#follow(parsed.data.metadata.resourceVersion);
      },
    });
  }

  #follow(resourceVersion: string): void {
    const startedMs = this.#clock.nowMs();
    let rest = '';
    // Its own time is up before that; a server that forgets would never tell of a change again.
    this.#cancel = this.#clock.after((watchSeconds + 30) * 1000, () => this.#fail('the watch did not end in its time'));
    this.#ask(`&watch=1&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}&resourceVersion=${encodeURIComponent(resourceVersion)}`, {
      onText: (more) => {
        const lines = (rest + more).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > mostBytes) return this.#fail('an event of the watch is over 16 MiB');
        for (const line of lines) if (line.trim() !== '' && !this.#takeEvent(line)) return;
      },
      onEnd: () => {
        const lastedMs = this.#clock.nowMs() - startedMs;
        this.#later(Math.max(0, this.#watch.againAfterMs - lastedMs));
      },
    });
  }

  /** False where the watch goes on no more: the version is too old (410), or what came is no event. */
  #takeEvent(line: string): boolean {
    const event = eventSchema.safeParse(parseJson(line));
    if (!event.success) {
      this.#later(this.#watch.againAfterMs);
      return false;
    }
    if (event.data.type === 'BOOKMARK') return true;
    const { type, object } = event.data;
    if (type === 'DELETED') this.#slices.delete(object.metadata.name);
    else if (this.#slices.size < mostSlices || this.#slices.has(object.metadata.name)) this.#slices.set(object.metadata.name, object);
    this.#tell();
    return true;
  }

  #tell(): void {
    this.#listener.onReplicas([...this.#slices.values()].flatMap((slice) => sliceReplicas(slice, this.#watch.portName)));
  }

  #ask(query: string, { onText, onEnd }: { readonly onText: (text: string) => void; readonly onEnd: () => void }): void {
    const { namespace, service } = this.#watch;
    const selector = encodeURIComponent(`kubernetes.io/service-name=${service}`);
    const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices?labelSelector=${selector}${query}`;
    const decoder = new TextDecoder();
    const turn = (this.#turn += 1);
    const heard = (run: () => void): void => {
      if (turn === this.#turn && !this.#isStopped) run();
    };
    let status = 0;
    this.#call = this.#transport.send(
      this.#watch.api(),
      { method: 'GET', path, body: undefined },
      {
        onHead: (given) => {
          status = given;
          const hint = given === 401 || given === 403 ? ': the service account may not list and watch EndpointSlices' : '';
          if (given >= 300) heard(() => this.#fail(`the API server answers ${given}${hint}`));
        },
        onData: (bytes) => {
          if (status === 200) heard(() => onText(decoder.decode(bytes, { stream: true })));
        },
        onEnd: () => heard(onEnd),
        onError: (error) => heard(() => this.#fail(`the API server cannot be asked: ${error.message}`)),
      },
    );
  }

  #fail(what: string): void {
    this.#listener.onFailure(what);
    this.#later(this.#watch.againAfterMs);
  }

  /** Lists anew after a while; whatever is under way is over. */
  #later(afterMs: number): void {
    this.#turn += 1;
    this.#call?.abort();
    this.#call = undefined;
    this.#cancel();
    if (!this.#isStopped) this.#cancel = this.#clock.after(afterMs, () => this.list());
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
