import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { raiseTrial, removeTrial, TRIAL_URL } from '../kubernetes/trial.ts'
import type { Settings } from '../stack/settings.ts'

const config = join(import.meta.dirname, '../../kind-config.yaml')

/** `npm run kind:up`: a cluster on this machine with everything in it. */
export async function kindUp(settings: Settings, args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      config: { type: 'string', default: config },
      'node-image': { type: 'string' },
      'build-network': { type: 'string' },
      'dapr-chart': { type: 'string' },
    },
  })
  await raiseTrial({
    settings,
    config: values.config,
    nodeImage: values['node-image'],
    buildNetwork: values['build-network'],
    daprChart: values['dapr-chart'],
  })
  console.log(`\n  FanOne  ${TRIAL_URL}\n\n  kubectl --namespace fanone get pods   npm run kind:down`)
  return 0
}

/** `npm run kind:down`: removes that cluster. */
export async function kindDown(): Promise<number> {
  await removeTrial()
  console.log('The cluster is gone; its images stay with docker')
  return 0
}
