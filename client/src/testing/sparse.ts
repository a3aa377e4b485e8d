/** What a test must say of a value: everything but what may be `null`. */
export type Sparse<Value> = unknown extends Value
  ? Value
  : Value extends readonly (infer Element)[]
    ? readonly Sparse<Element>[]
    : Value extends object
      ? { readonly [Name in keyof Value as null extends Value[Name] ? never : Name]: Sparse<Value[Name]> } & {
          readonly [Name in keyof Value as null extends Value[Name] ? Name : never]?: Sparse<Value[Name]>;
        }
      : Value;

/** The data of a subscription as a test writes them. `id` and `occurredAt` of the event may be left out, too. */
export type SparseEvent<Data> = {
  readonly [Field in keyof Data]: Omit<Sparse<Data[Field]>, 'id' | 'occurredAt'> &
    Partial<Pick<Sparse<Data[Field]>, Extract<keyof Sparse<Data[Field]>, 'id' | 'occurredAt'>>>;
};
