import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ConsolePage } from './console-page.tsx';
import { GatewayClient } from './gateway-client.ts';
import './style.css';
import './dependence/dependence.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html lacks the element with the id "root".');

// `fetch` must be called on the window, so it is wrapped rather than passed.
const gateway = new GatewayClient((input, init) => fetch(input, init));

createRoot(root).render(
  <StrictMode>
    <ConsolePage gateway={gateway} />
  </StrictMode>,
);
