import { editChunk, editsNothing, type ChunkEdit } from '../protocol/edit-chunk.ts';
import { copyOfBytes } from '../std/byte-slab.ts';
import { plainEndBytes, plainStartBytes } from '../protocol/decode-sse.ts';
import { frameEvent } from '../protocol/write-chunk.ts';
import type { ChunkTemplate } from '../protocol/chunk-template.ts';
import type { ClientStream } from './relay-request.ts';
import type { TextPiece } from './stream-listener.ts';

const encoder = new TextEncoder();
/** Stands for a text where an edit is learnt; letters alone, so that it is spelled the same everywhere. */
const probeText = 'TheTextOfTheChunkStandsHereQZXJ';
const probeBytes = encoder.encode(probeText);

type Around = { readonly before: Uint8Array; readonly after: Uint8Array } | 'as-it-came' | 'unknown';

/** What stands around each text of a form on its way to the client: one chunk of the form is edited, and its text found again. */
export class TextFrame {
  readonly template: ChunkTemplate;
  readonly #edit: ChunkEdit;
  readonly #around: Around;

  constructor(template: ChunkTemplate, edit: ChunkEdit) {
    this.template = template;
    this.#edit = edit;
    this.#around = editsNothing(edit) ? 'as-it-came' : around(template, edit);
  }

  /** Sends a client the event for a chunk of the form; returns false when it reads too slowly. */
  send(client: ClientStream, piece: TextPiece): boolean {
    const { bytes, start, end } = piece;
    if (this.#around !== 'as-it-came') return client.write(this.#edited(piece, this.#around));
    return client.writeLent === undefined ? client.write(copyOfBytes(bytes, start, end)) : client.writeLent(bytes, start, end);
  }

  #edited({ bytes, start, textStart, textEnd, end }: TextPiece, given: Exclude<Around, 'as-it-came'>): Uint8Array {
    if (given === 'unknown') return frameEvent(editChunk(bytes.subarray(start + plainStartBytes, end - plainEndBytes), this.#edit));
    const { before, after } = given;
    const textBytes = textEnd - textStart;
    const framed = Buffer.allocUnsafe(before.length + textBytes + after.length);
    framed.set(before);
    framed.set(bytes.subarray(textStart, textEnd), before.length);
    framed.set(after, before.length + textBytes);
    return framed;
  }
}

function around(template: ChunkTemplate, edit: ChunkEdit): Exclude<Around, 'as-it-came'> {
  const edited = frameEvent(editChunk(template.chunkWith(probeText), edit));
  const searched = Buffer.from(edited.buffer, edited.byteOffset, edited.length);
  const at = searched.indexOf(probeBytes);
  if (at < 0 || searched.indexOf(probeBytes, at + 1) >= 0) return 'unknown';
  return { before: edited.slice(0, at), after: edited.slice(at + probeBytes.length) };
}
