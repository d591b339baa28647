import { escapeField, joinFields, readFields } from './journal-field.ts';
import type { AttemptOpened, Segment } from './ledger.ts';

// Labels say who asked for what, and what it ran on: words that thousands of records share, which the database keeps once.
type Asked = Pick<AttemptOpened, 'tenant' | 'route' | 'model' | 'keyId'>;
type Silicon = Pick<Segment, 'deploymentId' | 'endpointId' | 'vendor' | 'chip' | 'evidence'>;

const maxRemembered = 1024;
const remembered = new Map<string, { readonly silicon: Silicon; readonly text: string }>();

/** The labels as the end of a journal line: the reader takes them as one text and need not read them again. */
export function labelText(asked: Asked, silicon: Silicon): string {
  return textOf(asked, siliconText(silicon));
}

function textOf({ tenant, route, model, keyId }: Asked, silicon: string): string {
  const text = `${escapeField(tenant)}\t${escapeField(route)}\t${escapeField(model)}\t${silicon}`;
  return keyId === undefined || keyId === '' ? text : `${text}\t${escapeField(keyId)}`;
}

function siliconText(silicon: Silicon): string {
  const known = remembered.get(silicon.deploymentId);
  if (known !== undefined && isSame(known.silicon, silicon)) return known.text;
  const { deploymentId, endpointId, vendor, chip, evidence } = silicon;
  const text = joinFields([deploymentId, endpointId, vendor, chip, evidence]);
  if (remembered.size >= maxRemembered) remembered.clear();
  remembered.set(deploymentId, { silicon: { deploymentId, endpointId, vendor, chip, evidence }, text });
  return text;
}

function isSame(one: Silicon, other: Silicon): boolean {
  return one.endpointId === other.endpointId && one.vendor === other.vendor && one.chip === other.chip && one.evidence === other.evidence;
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
