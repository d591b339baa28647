/** Ids are at most 32 bits wide in every tokenizer known to us. */
const LARGEST_TOKEN_ID = 2 ** 32 - 1;

/** Whether this is a list of token ids that is not empty. */
export function isTokenList(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((id) => typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= LARGEST_TOKEN_ID);
}
