/**
 * Vendors' bills for tests, written by hand after what the vendors publish of their usage reports; the figures are ours.
 */

/**
 * OpenAI, the fields of a completions usage result with the bucket's start in Unix seconds, one line a bucket, key and
 * model. Input tokens hold the cached ones.
 * https://developers.openai.com/api/docs/api-reference/usage (UsageCompletionsResult)
 */
export const openaiBill = `start_time,end_time,project_id,num_model_requests,user_id,api_key_id,model,batch,input_tokens,output_tokens,input_cached_tokens
1764028800,1764115200,proj_a,2,,key_1,gpt-small-2025-08-07,False,200,100,20
1764028800,1764115200,proj_a,1,,key_2,gpt-small-2025-08-07,False,100,50,10
1764115200,1764201600,proj_a,1,,key_1,gpt-large,False,100,50,10
`;

/**
 * Anthropic, the fields of a messages usage report with the bucket's start as a moment. Input tokens are those that no
 * cache had part in; what was read from a cache or written to it stands apart.
 * https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-messages-usage-report
 */
export const anthropicBill = `starting_at,ending_at,api_key_id,workspace_id,model,service_tier,context_window,uncached_input_tokens,ephemeral_1h_input_tokens,ephemeral_5m_input_tokens,cache_read_input_tokens,output_tokens
2025-11-25T00:00:00Z,2025-11-26T00:00:00Z,apikey_1,wrkspc_1,claude-small-20251001,standard,0-200k,70,5,15,10,50
`;

/** No vendor's: a server's own log, in which each request has the id that it was sent with (as vLLM names its answers). */
export const requestLog = `finished,served_model,id,prompt,prompt_cached,completion,price
2025-11-25T10:00:00Z,gpt-small,chatcmpl-known,100,10,50,"$0.001"
2025-11-25T10:00:01Z,gpt-small,lost,100,0,40,0.0009
2025-11-25T10:00:02Z,gpt-small,differs,100,10,5000,0.5
2025-11-25T10:00:03Z,gpt-small,stranger,100,0,1,0
`;
