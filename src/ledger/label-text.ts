import { escapeField, joinFields, readFields } from './journal-field.ts';
import type { AttemptOpened, Segment } from './ledger.ts';
import { lineEnd, type LineEnd } from './line-checksum.ts';

// Labels say who asked for what, and what it ran on: words that thousands of records share, which the database keeps once.
type Asked = Pick<AttemptOpened, 'tenant' | 'route' | 'model' | 'keyId'>;
type Silicon = Pick<Segment, 'deploymentId' | 'endpointId' | 'vendor' | 'chip' | 'evidence'>;

interface KnownEnd {
  readonly asked: Asked;
  readonly end: LineEnd;
}

interface KnownSilicon {
  readonly silicon: Silicon;
  readonly text: string;
  /** By the key, or the tenant where there is none. */
  readonly ends: Map<string, KnownEnd>;
}

const maxRemembered = 1024;
const maxRememberedEnds = 4096;
const remembered = new Map<string, KnownSilicon>();
let rememberedEnds = 0;

/** The labels as the end of a journal line: the reader takes them as one text and need not read them again. */
export function labelText(asked: Asked, silicon: Silicon): string {
  return textOf(asked, knownSilicon(silicon).text);
}

/** The same as bytes, which many lines share. */
export function labelEnd(asked: Asked, silicon: Silicon): LineEnd {
  const { text, ends } = knownSilicon(silicon);
  const key = asked.keyId ?? asked.tenant;
  const known = ends.get(key);
  if (known !== undefined && isSameAsked(known.asked, asked)) return known.end;
  const { tenant, route, model, keyId } = asked;
  const end = lineEnd(Buffer.from(textOf(asked, text), 'utf8'));
  rememberedEnds += 1;
  if (rememberedEnds > maxRememberedEnds) {
    remembered.clear();
    rememberedEnds = 0;
  }
  ends.set(key, { asked: { tenant, route, model, keyId }, end });
  return end;
}

function textOf({ tenant, route, model, keyId }: Asked, silicon: string): string {
  const text = `${escapeField(tenant)}\t${escapeField(route)}\t${escapeField(model)}\t${silicon}`;
  return keyId === undefined || keyId === '' ? text : `${text}\t${escapeField(keyId)}`;
}

function knownSilicon(silicon: Silicon): KnownSilicon {
  const known = remembered.get(silicon.deploymentId);
  if (known !== undefined && isSame(known.silicon, silicon)) return known;
  const { deploymentId, endpointId, vendor, chip, evidence } = silicon;
  const text = joinFields([deploymentId, endpointId, vendor, chip, evidence]);
  if (remembered.size >= maxRemembered) remembered.clear();
  const made: KnownSilicon = { silicon: { deploymentId, endpointId, vendor, chip, evidence }, text, ends: new Map() };
  remembered.set(deploymentId, made);
  return made;
}

function isSame(one: Silicon, other: Silicon): boolean {
  return one.endpointId === other.endpointId && one.vendor === other.vendor && one.chip === other.chip && one.evidence === other.evidence;
}

function isSameAsked(one: Asked, other: Asked): boolean {
  return one.tenant === other.tenant && one.route === other.route && one.model === other.model && one.keyId === other.keyId;
}

/** The labels of a charge that no attempt produced any text for. */
export function labelTextWithoutSilicon(asked: Asked): string {
  return textOf(asked, 'none\tnone\tnone\tnone\tnone');
}

/**
 * The nine labels of a text, or undefined where it has more or fewer. The last one, the key, is left out where there is
 * none, as in all lines that older versions wrote.
 */
export function readLabels(text: string): readonly string[] | undefined {
  const withoutKey = readFields(text, 8);
  return withoutKey === undefined ? readFields(text, 9) : [...withoutKey, ''];
}
