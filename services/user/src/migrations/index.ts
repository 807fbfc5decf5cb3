import { AccountsAndProfiles20261121 } from './accounts-and-profiles-20261121.ts'

/** In the order they are applied. */
export const migrations = [AccountsAndProfiles20261121]
