import { startService } from '@fanone/service-kit'
import { Account } from './account/account.entity.ts'
import { createApp } from './app.ts'
import { UserConfig } from './config.ts'
import { AccountsAndProfiles20261121 } from './migrations/accounts-and-profiles-20261121.ts'
import { Profile } from './profile/profile.entity.ts'

await startService({
  config: UserConfig,
  database: { entities: [Account, Profile], migrations: [AccountsAndProfiles20261121] },
  createApp,
})
