import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { describeError } from '../api/http.ts';
import mark from '../mark.svg';
import { Button } from '../ui/button.tsx';
import { Field, FormError, TextInput } from '../ui/field.tsx';
import { DemoUsers } from './demo-users.tsx';
import { signIn } from './session.ts';

interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** @param why Why the session before has ended, in plain words. */
export function SignInScreen({ why }: { readonly why: string | undefined }) {
  const [credentials, setCredentials] = useState<Credentials>({ username: '', password: '' });
  const entering = useMutation({
    mutationFn: ({ username, password }: Credentials) => signIn(username, password),
  });
  const problem = entering.isError ? describeError(entering.error) : undefined;

  return (
    <main className="grid min-h-full place-items-center p-6">
      <div className="w-full max-w-4xl">
        <header className="mb-5 flex items-center gap-3">
          <img src={mark} alt="" className="size-8" />
          <div>
            <h1 className="text-lg leading-tight font-semibold">Records</h1>
            <p className="text-ink-soft">Document management, live</p>
          </div>
        </header>
        {why !== undefined && (
          <p role="status" className="mb-4 rounded-md border border-line bg-accent-soft px-4 py-2.5">
            {why} Please sign in again.
          </p>
        )}
        <div className="grid rounded-lg border border-line bg-surface md:grid-cols-[1fr_16rem]">
          <DemoUsers
            isBusy={entering.isPending}
            onChoose={(username) => entering.mutate({ username, password: 'demo' })}
          />
          <form
            className="flex flex-col gap-3 border-line p-5 max-md:border-t md:border-l"
            onSubmit={(event) => {
              event.preventDefault();
              entering.mutate(credentials);
            }}
          >
            <h2 className="font-semibold">With a password</h2>
            <Field label="User name">
              {(ids) => (
                <TextInput
                  {...ids}
                  required
                  autoComplete="username"
                  value={credentials.username}
                  onChange={(event) => setCredentials({ ...credentials, username: event.target.value })}
                />
              )}
            </Field>
            <Field label="Password">
              {(ids) => (
                <TextInput
                  {...ids}
                  required
                  type="password"
                  autoComplete="current-password"
                  value={credentials.password}
                  onChange={(event) => setCredentials({ ...credentials, password: event.target.value })}
                />
              )}
            </Field>
            <Button look="primary" type="submit" disabled={entering.isPending}>
              Sign in
            </Button>
            <div className="min-h-10">
              <FormError message={problem} />
            </div>
          </form>
        </div>
      </div>
    </main>
  );
}
