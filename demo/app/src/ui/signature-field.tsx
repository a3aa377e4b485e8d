import { Field, TextInput } from './field.tsx';

/** Asks for the password that signs an action, as the DMS does. */
export function SignatureField() {
  return (
    <Field label="Digital signature" hint="Your password. In this demo: demo.">
      {(ids) => <TextInput {...ids} name="signature" type="password" required autoComplete="off" />}
    </Field>
  );
}
