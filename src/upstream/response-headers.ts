/** The headers of an endpoint's response, in lower case, as a transport hands them over. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One header as text; of a repeated one the first, because a second is no better than a guess. */
export function headerText(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
