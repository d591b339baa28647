import type { Choice } from '../policy/choose-deployments.ts';
import type { Fault } from '../std/error-catalogue.ts';

/** What a client is told when the choice left nobody to try. */
export function choiceFault(choice: Exclude<Choice, { kind: 'candidates' }>, model: string): Fault {
  switch (choice.kind) {
    case 'unknown-model':
      return { code: 'model_not_found', param: 'model', detail: `The model \`${model.slice(0, 128)}\` does not exist here.` };
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
    case 'none-available':
      return { code: 'upstream_unreachable', detail: choice.why, retryAfterMs: Math.max(1000, Math.ceil(choice.releaseInMs)) };
  }
}
