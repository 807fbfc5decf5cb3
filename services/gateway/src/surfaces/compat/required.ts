import { ServiceError } from '@fanone/service-kit'

/** @throws ServiceError `invalid_input` where a parameter that this action requires was left out */
export function required<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined)
    throw new ServiceError('invalid_input', { detail: `${name}: is required for this action_type` })
  return value
}
