import {
  type AnyContractRouter,
  type AnySchema,
  type ContractProcedure,
  type InferSchemaInput,
  type InferSchemaOutput,
  isContractProcedure,
} from '@orpc/contract'
import { type AnyMiddleware, type AnyRouter, implement } from '@orpc/server'
import { answerGrouped, type Call, type Grouped, isGrouped } from './grouped.ts'
import type { OperationContext } from './identity.ts'

type Operation<Input extends AnySchema, Output extends AnySchema, Context> =
  | ((call: Call<InferSchemaOutput<Input>, Context>) => Promise<InferSchemaInput<Output>> | InferSchemaInput<Output>)
  | Grouped<InferSchemaOutput<Input>, InferSchemaInput<Output>, Context>

/**
 * The functions that implement a contract, or a part of it such as `typeof userContract.profiles`:
 * one for each operation, `grouped` where it answers many calls at once. One that is forgotten does
 * not compile, nor does one that the contract does not have. `Context` is what calls bring along.
 */
export type Operations<Contract, Context = OperationContext> =
  // biome-ignore lint/suspicious/noExplicitAny: errors and metadata play no part
  Contract extends ContractProcedure<infer Input, infer Output, any, any>
    ? Operation<Input, Output, Context>
    : { [Name in keyof Contract]: Operations<Contract[Name], Context> }

/**
 * Makes the router that serves a contract: `mountRouter` takes it.
 *
 * @param middleware runs before every operation, in this order
 * @throws Error naming an operation without a function, which only a cast can bring about
 */
export function createRouter<Contract extends AnyContractRouter, Context = OperationContext>(
  contract: Contract,
  operations: Operations<Contract, NoInfer<Context>>,
  ...middleware: AnyMiddleware[]
): AnyRouter {
  const root = middleware.reduce((implementer: Implementer, next) => implementer.use(next), implement(contract))
  return root.router(assemble(contract, operations as Tree, root, []))
}

// biome-ignore lint/suspicious/noExplicitAny: oRPC types one contract; `Operations` checks the parts
type Implementer = any
type Tree = { [name: string]: Tree } | undefined

function assemble(contract: AnyContractRouter, operations: Tree, implementer: Implementer, path: string[]): AnyRouter {
  if (operations === undefined) throw new Error(`${path.join('.')} is declared and not implemented`)
  if (isContractProcedure(contract))
    return implementer.handler(isGrouped(operations) ? answerGrouped(operations) : operations)
  const parts = Object.entries(contract).map(([name, part]) => [
    name,
    assemble(part, operations[name], implementer[name], [...path, name]),
  ])
  return Object.fromEntries(parts)
}
