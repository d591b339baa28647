import { aiSdk } from './clients/ai-sdk.ts';
import { anthropic } from './clients/anthropic.ts';
import { langchain } from './clients/langchain.ts';
import { openAiChat } from './clients/openai-chat.ts';
import { openAiResponses } from './clients/openai-responses.ts';
import type { Sdk } from './sdk-client.ts';

/** The SDKs whose users are promised that they need to change nothing but the address. */
export const allSdks: readonly Sdk[] = [openAiChat, openAiResponses, anthropic, aiSdk, langchain];
