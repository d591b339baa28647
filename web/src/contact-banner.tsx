import { useState } from 'react';
import type { Contact } from './use-fleet.ts';

interface ContactBannerProps {
  readonly contact: Contact;
  readonly onKey: (key: string) => void;
}

/** Says when the gateway is silent or refuses this page, and asks for the key where it wants one. */
export function ContactBanner({ contact, onKey }: ContactBannerProps) {
  return (
    <div className="banner-slot">
      <div role="alert">
        {contact.kind === 'unreachable' && <p className="banner">The gateway cannot be reached. Trying again every 2 seconds.</p>}
        {contact.kind === 'refused' && (
          <p className="banner">
            {contact.trouble.message} <code>{contact.trouble.code}</code>
          </p>
        )}
      </div>
      {contact.kind === 'refused' && contact.trouble.code === 'invalid_api_key' && <KeyForm onKey={onKey} />}
    </div>
  );
}

function KeyForm({ onKey }: { readonly onKey: (key: string) => void }) {
  const [key, setKey] = useState('');
  return (
    <form
      className="key"
      onSubmit={(event) => {
        event.preventDefault();
        onKey(key.trim());
      }}
    >
      <label>
        Key of this gateway <input type="password" autoComplete="off" value={key} onChange={(event) => setKey(event.target.value)} />
      </label>
      <button type="submit">Use it</button>
      <span className="hint">It is forgotten when the page is closed.</span>
    </form>
  );
}
