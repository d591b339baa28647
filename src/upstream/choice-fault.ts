import type { Choice, ExcludedEndpoint } from '../policy/choose-deployments.ts';
import type { Fault } from '../std/error-catalogue.ts';

/** What a client is told when the choice left nobody to try; `namesEndpoints`: whether it may know which there are. */
export function choiceFault(choice: Exclude<Choice, { kind: 'candidates' }>, model: string, namesEndpoints = false): Fault {
  switch (choice.kind) {
    case 'unknown-model':
      return { code: 'model_not_found', param: 'model', detail: `The model \`${model.slice(0, 128)}\` does not exist here.` };
    case 'out-of-scope':
      return { code: 'out_of_scope', param: 'model', detail: `This key may not use the model \`${model.slice(0, 128)}\`.` };
    case 'not-approved':
      return { code: 'not_approved', param: 'model', detail: whyNobody(choice.excluded, namesEndpoints) };
    case 'unknown-field':
      return {
        code: 'unknown_parameter',
        param: choice.field.slice(0, 128),
        detail: `The field \`${choice.field.slice(0, 128)}\` is not part of the published API, and no endpoint of this model declares it.`,
      };
    case 'refused':
      return choice.refused.what === 'route'
        ? { code: 'unsupported_value', param: 'model', detail: 'No endpoint of this model serves this route.' }
        : {
            code: 'unsupported_value',
            param: choice.refused.path,
            detail: `No endpoint of this model takes \`${choice.refused.path}\` as it stands in the request.`,
          };
    case 'parked':
      return { code: 'rate_limit_exceeded', retryAfterMs: Math.ceil(choice.releaseInMs) };
    case 'capped':
      return { code: 'share_cap_reached', retryAfterMs: Math.max(1000, Math.ceil(choice.releaseInMs)) };
    case 'none-available':
      return { code: 'upstream_unreachable', detail: choice.why, retryAfterMs: Math.max(1000, Math.ceil(choice.releaseInMs)) };
  }
}

const namedAtMost = 8;

/** Which rule excluded whom, with what an endpoint declares: that is what the operator or the team must change. */
function whyNobody(excluded: readonly ExcludedEndpoint[], namesEndpoints: boolean): string {
  const told = excluded.map(({ rule, declared, endpointId }) => {
    if (!namesEndpoints) return `their ${rule}`;
    return `\`${endpointId}\` (${declared === undefined ? `declares no ${rule}` : `${rule} \`${declared.slice(0, 64)}\``})`;
  });
  const all = [...new Set(told)];
  const rest = all.length > namedAtMost ? ` and ${all.length - namedAtMost} more` : '';
  return `Nobody who serves this model may see this team’s prompts; not approved: ${all.slice(0, namedAtMost).join(', ')}${rest}.`;
}
