import type { Contact } from './use-fleet.ts';
import { SignInForm, type SignIn } from './sign-in-form.tsx';

interface ContactBannerProps {
  readonly contact: Contact;
  readonly onSignIn: SignIn;
}

/** Says when the gateway is silent or refuses this page, and asks who it is where it wants to know. */
export function ContactBanner({ contact, onSignIn }: ContactBannerProps) {
  const asks = contact.kind === 'refused' && contact.trouble.code === 'sign_in_needed';
  return (
    <div className="banner-slot">
      <div role="alert">
        {contact.kind === 'unreachable' && <p className="banner">The gateway cannot be reached. Trying again every 2 seconds.</p>}
        {contact.kind === 'refused' && !asks && (
          <p className="banner">
            {contact.trouble.message} <code>{contact.trouble.code}</code>
          </p>
        )}
      </div>
      {asks && <SignInForm onSignIn={onSignIn} />}
    </div>
  );
}
