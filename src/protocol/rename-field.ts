import type { Fault } from '../std/error-catalogue.ts';

/** A fault found in a translated request, with the field named as the client itself wrote it. */
export function renameField(fault: Fault, clientField: (field: string) => string): Fault {
  if (fault.param === undefined) return fault;
  const param = clientField(fault.param);
  const { detail } = fault;
  return { ...fault, param, ...(detail === undefined ? {} : { detail: detail.replace(`\`${fault.param}\``, `\`${param}\``) }) };
}
