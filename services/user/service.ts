import { userContract, userUpdated } from '@fanone/contracts'
import { defineService } from '@fanone/service-kit'
import { storageSecrets } from '@fanone/storage'
import { UserConfig } from './src/config.ts'
import { database } from './src/database.ts'

export default defineService({
  appId: 'user',
  summary: 'Accounts, credentials, sessions, profiles and their pictures',
  port: 7110,
  contract: userContract,
  config: UserConfig,
  subscribes: [userUpdated],
  commandLine: {
    'operators.grant': 'npm run operator',
    'operators.revoke': 'npm run operator',
    'operators.list': 'npm run operator',
  },
  database,
  state: true,
  redis: true,
  mediaFiles: true,
  secrets: [...storageSecrets, 'token-signing-key', 'account-encryption-key', 'phone-index-key', 'code-webhook-key'],
  workers: [
    'sensitive words',
    'old sessions',
    'old seals',
    'old audit',
    'old codes',
    'old challenges',
    'code delivery',
    'picture janitor',
    'ended bans',
  ],
})
