import { addKeyVersion } from '../stack/secrets.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'

const NAME = 'account-encryption-key'

/** `npm run secrets:rotate`: gives the key that seals secrets of accounts another version. */
export async function rotateSecrets(settings: Settings): Promise<number> {
  const version = addKeyVersion(stackPaths(settings).secrets, NAME)
  console.log(`${NAME} has version ${version}. npm stop and npm start let it count; older ones are still read`)
  return 0
}
