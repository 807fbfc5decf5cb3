import { addKeyVersion, addSigningKey } from '../stack/secrets.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'

const SEALS = 'account-encryption-key'
const SIGNS = 'token-signing-key'

/** `npm run secrets:rotate`: other keys for what accounts have sealed, and for access tokens. */
export async function rotateSecrets(settings: Settings): Promise<number> {
  const file = stackPaths(settings).secrets
  const version = addKeyVersion(file, SEALS)
  const signsFrom = addSigningKey(file, SIGNS)
  console.log(`${SEALS} has version ${version}; ${SIGNS} has another key, which signs from ${signsFrom} on`)
  console.log('npm stop and npm start let them count; earlier ones are still good for what they made')
  return 0
}
