// Compiled with the types that are made of build/openapi.json: a client in TypeScript finds there what it needs.
import type { components, operations, paths } from './api'

type Answer<Operation extends keyof operations> = operations[Operation]['responses'] extends {
  200: { content: { 'application/json': infer Body } }
}
  ? Body
  : never

export function read(totals: Answer<'getTotals'>, interaction: components['schemas']['Interaction']): [number, string | null] {
  return [totals.unread.events, interaction.contact.email]
}

export const filter: NonNullable<paths['/contact_interactions/totals']['get']['parameters']['query']> = {
  global_master_advertiser_id: ['USA_1'],
}

// @ts-expect-error There is no such field: the types are not just anything.
export type Unknown = components['schemas']['Interaction']['no_such_field']
