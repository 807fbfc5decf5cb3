/** A number as people write it, as the API takes it: + and digits. */
export const e164 = (typed: string): string => typed.replace(/[\s().-]/g, '').replace(/^00/, '+')
