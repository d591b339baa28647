// The barest front that makes a gateway of Bifrost's core: a key compared, the body read into its request, its answer
// written as JSON or as events. Arguments: port, key, the upstream ports with commas between them.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	bifrost "github.com/maximhq/bifrost/core"
	"github.com/maximhq/bifrost/core/schemas"
)

const provider = schemas.VLLM

// One key of its vLLM provider for each upstream: keys are what the core chooses among.
type account struct{ keys []schemas.Key }

func (a account) GetConfiguredProviders() ([]schemas.ModelProvider, error) {
	return []schemas.ModelProvider{provider}, nil
}

func (a account) GetKeysForProvider(context.Context, schemas.ModelProvider) ([]schemas.Key, error) {
	return a.keys, nil
}

func (a account) GetConfigForProvider(schemas.ModelProvider) (*schemas.ProviderConfig, error) {
	return &schemas.ProviderConfig{
		NetworkConfig:            schemas.NetworkConfig{DefaultRequestTimeoutInSeconds: 600, MaxConnsPerHost: 20000, AllowPrivateNetwork: true},
		ConcurrencyAndBufferSize: schemas.ConcurrencyAndBufferSize{Concurrency: 1000, BufferSize: 5000},
	}, nil
}

type asked struct {
	Model    string                `json:"model"`
	Messages []schemas.ChatMessage `json:"messages"`
	Stream   bool                  `json:"stream"`
}

func main() {
	port, key := os.Args[1], os.Args[2]
	var keys []schemas.Key
	for index, upstream := range strings.Split(os.Args[3], ",") {
		url := *schemas.NewSecretVar("http://127.0.0.1:" + upstream)
		id := fmt.Sprint("endpoint", index)
		keys = append(keys, schemas.Key{
			ID: id, Name: id, Value: *schemas.NewSecretVar("none"), Models: schemas.WhiteList{"*"}, Weight: 1,
			VLLMKeyConfig: &schemas.VLLMKeyConfig{URL: url},
		})
	}
	core, err := bifrost.Init(context.Background(), schemas.BifrostConfig{
		Account: account{keys}, InitialPoolSize: 1000, Logger: bifrost.NewDefaultLogger(schemas.LogLevelError),
	})
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/v1/chat/completions", func(response http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Authorization") != "Bearer "+key {
			http.Error(response, "no", http.StatusUnauthorized)
			return
		}
		var body asked
		var params schemas.ChatParameters
		decoder := json.NewDecoder(request.Body)
		var raw json.RawMessage
		if decoder.Decode(&raw) != nil || json.Unmarshal(raw, &body) != nil || json.Unmarshal(raw, &params) != nil {
			http.Error(response, "not understood", http.StatusBadRequest)
			return
		}
		ctx := schemas.NewBifrostContext(request.Context(), time.Now().Add(10*time.Minute))
		chat := &schemas.BifrostChatRequest{Provider: provider, Model: body.Model, Input: body.Messages, Params: &params}
		if body.Stream {
			stream(core, ctx, chat, response)
		} else {
			whole(core, ctx, chat, response)
		}
	})
	panic(http.ListenAndServe("127.0.0.1:"+port, nil))
}

func whole(core *bifrost.Bifrost, ctx *schemas.BifrostContext, chat *schemas.BifrostChatRequest, response http.ResponseWriter) {
	answer, failure := core.ChatCompletionRequest(ctx, chat)
	if failure != nil {
		fail(response, failure)
		return
	}
	response.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(response).Encode(answer)
}

func stream(core *bifrost.Bifrost, ctx *schemas.BifrostContext, chat *schemas.BifrostChatRequest, response http.ResponseWriter) {
	chunks, failure := core.ChatCompletionStreamRequest(ctx, chat)
	if failure != nil {
		fail(response, failure)
		return
	}
	response.Header().Set("Content-Type", "text/event-stream")
	flusher := response.(http.Flusher)
	for chunk := range chunks {
		if chunk.BifrostError != nil {
			panic(http.ErrAbortHandler)
		}
		bytes, err := json.Marshal(chunk.BifrostChatResponse)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprintf(response, "data: %s\n\n", bytes)
		flusher.Flush()
	}
	fmt.Fprint(response, "data: [DONE]\n\n")
}

func fail(response http.ResponseWriter, failure *schemas.BifrostError) {
	text, _ := json.Marshal(failure)
	http.Error(response, string(text), http.StatusBadGateway)
}
