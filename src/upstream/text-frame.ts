import { editChunk, editsNothing, type ChunkEdit } from '../protocol/edit-chunk.ts';
import { plainEndBytes, plainStartBytes } from '../protocol/decode-sse.ts';
import { partOfBytes } from '../std/part-of-bytes.ts';
import { frameEvent } from '../protocol/write-chunk.ts';
import type { ChunkTemplate } from '../protocol/chunk-template.ts';
import type { TextPiece } from './stream-listener.ts';

const encoder = new TextEncoder();
/** Stands for a text where an edit is learnt; letters alone, so that it is spelled the same everywhere. */
const probeText = 'TheTextOfTheChunkStandsHereQZXJ';
const probeBytes = encoder.encode(probeText);

/** What stands around each text of a form on its way to the client: one chunk of the form is edited, and its text found again. */
export class TextFrame {
  readonly template: ChunkTemplate;
  readonly #edit: ChunkEdit;
  readonly #around: { readonly before: Uint8Array; readonly after: Uint8Array } | 'as-it-came' | 'unknown';

  constructor(template: ChunkTemplate, edit: ChunkEdit) {
    this.template = template;
    this.#edit = edit;
    this.#around = editsNothing(edit) ? 'as-it-came' : around(template, edit);
  }

  /** The event that a client is sent for a chunk of the form. */
  around({ template, bytes, dataStart, dataEnd }: TextPiece): Uint8Array {
    const given = this.#around;
    if (given === 'as-it-came') return partOfBytes(bytes, dataStart - plainStartBytes, dataEnd + plainEndBytes);
    if (given === 'unknown') return frameEvent(editChunk(bytes.subarray(dataStart, dataEnd), this.#edit));
    const text = template.spelling(bytes, dataStart, dataEnd);
    const framed = Buffer.allocUnsafe(given.before.length + text.length + given.after.length);
    framed.set(given.before);
    framed.set(text, given.before.length);
    framed.set(given.after, given.before.length + text.length);
    return framed;
  }
}

function around(template: ChunkTemplate, edit: ChunkEdit): { readonly before: Uint8Array; readonly after: Uint8Array } | 'unknown' {
  const edited = frameEvent(editChunk(template.chunkWith(probeText), edit));
  const searched = Buffer.from(edited.buffer, edited.byteOffset, edited.length);
  const at = searched.indexOf(probeBytes);
  if (at < 0 || searched.indexOf(probeBytes, at + 1) >= 0) return 'unknown';
  return { before: edited.slice(0, at), after: edited.slice(at + probeBytes.length) };
}
