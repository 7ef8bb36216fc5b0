/** What is wrong with a text from a policy file, and what to write instead. */
export interface Mistake {
  readonly message: string;
  readonly hint: string;
}

export type Read<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly mistake: Mistake };

export function read<Value>(value: Value): Read<Value> {
  return { ok: true, value };
}

export function misread(message: string, hint: string): Read<never> {
  return { ok: false, mistake: { message, hint } };
}
