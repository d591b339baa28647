import { useState } from 'react';

/** Resolves to why it was refused, or to nothing once it was not. */
export type SignIn = (name: string, password: string, code: string) => Promise<string | undefined>;

/** Name, password and, for whoever has a second factor, the code of this moment. */
export function SignInForm({ onSignIn }: { readonly onSignIn: SignIn }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [trouble, setTrouble] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    setBusy(true);
    setTrouble(await onSignIn(name.trim(), password, code.trim()));
    setPassword('');
    setCode('');
    setBusy(false);
  };
  return (
    <form
      className="key"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label>
        Name <input autoComplete="username" required value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <label>
        Password
        <input type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />
      </label>
      <label>
        Code <input inputMode="numeric" autoComplete="one-time-code" size={6} value={code} onChange={(event) => setCode(event.target.value)} />
      </label>
      <button type="submit" disabled={busy}>
        Sign in
      </button>
      <span className="hint" role="status">
        {trouble ?? 'The code is for those who have a second factor.'}
      </span>
    </form>
  );
}
