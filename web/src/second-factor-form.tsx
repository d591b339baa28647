import { useState } from 'react';
import { reasonOf } from './use-fleet.ts';
import type { DrawnTotp } from './session.ts';
import type { GatewayClient } from './gateway-client.ts';

interface SecondFactorFormProps {
  readonly gateway: GatewayClient;
  /** It is set, and everybody of this name must sign in again. */
  readonly onSet: () => void;
}

/** For an admin who owes a second factor: draws a secret for an authenticator app, and sets it once a code of it is right. */
export function SecondFactorForm({ gateway, onSet }: SecondFactorFormProps) {
  const [drawn, setDrawn] = useState<DrawnTotp>();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [trouble, setTrouble] = useState<string>();
  const draw = async (): Promise<void> => {
    const received = await gateway.drawTotp();
    if (received.kind === 'received') setDrawn(received.value);
    else setTrouble(reasonOf(received));
  };
  const set = async ({ sealed }: DrawnTotp): Promise<void> => {
    const received = await gateway.setTotp(password, sealed, code.trim());
    setPassword('');
    setCode('');
    if (received.kind === 'received') onSet();
    else setTrouble(reasonOf(received));
  };
  if (drawn === undefined)
    return (
      <div className="key">
        <span>An admin needs a second factor here; until then you may only look.</span>
        <button type="button" onClick={() => void draw()}>
          Set it up
        </button>
        <span className="hint" role="status">
          {trouble}
        </span>
      </div>
    );
  return (
    <form
      className="key"
      onSubmit={(event) => {
        event.preventDefault();
        void set(drawn);
      }}
    >
      <span>
        Put this into your authenticator app: <code>{drawn.secret}</code> (<a href={drawn.uri}>open it there</a>)
      </span>
      <label>
        Password
        <input type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />
      </label>
      <label>
        Code{' '}
        <input inputMode="numeric" autoComplete="one-time-code" required size={6} value={code} onChange={(event) => setCode(event.target.value)} />
      </label>
      <button type="submit">Set it</button>
      <span className="hint" role="status">
        {trouble ?? 'You will be asked to sign in again.'}
      </span>
    </form>
  );
}
