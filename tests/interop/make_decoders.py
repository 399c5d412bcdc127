"""Makes tiny decoders with transformers, each with the numbers that it computes from them, laid out as reference checkpoints are.

    make_decoders.py FOLDER       one folder per family and variant: config.json, model.safetensors, golden.safetensors, golden.json
"""
import json
import os
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, GemmaConfig, GPTNeoXConfig, LlamaConfig, PhiConfig, Qwen2Config, Qwen3Config

SIZES = dict(vocab_size=96, hidden_size=48, intermediate_size=80, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64,
             initializer_range=0.2, bos_token_id=1, eos_token_id=2)
VARIANTS = {
    "gpt_neox_parallel": GPTNeoXConfig(**SIZES, rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5}),
    "gpt_neox_serial": GPTNeoXConfig(**SIZES, use_parallel_residual=False, attention_bias=False, tie_word_embeddings=True, rope_parameters={"rope_type": "default", "rope_theta": 5000.0, "partial_rotary_factor": 1.0}),
    "gpt_neox_odd": GPTNeoXConfig(**SIZES, hidden_act="gelu_fast"),  # a quarter of 12 channels turns: 3, and with them the fourth
    "phi": PhiConfig(**SIZES),
    "phi_normed": PhiConfig(**SIZES, qk_layernorm=True, num_key_value_heads=2, rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.35}),
    "gemma": GemmaConfig(**SIZES, num_key_value_heads=1, head_dim=16),
    "gemma_untied": GemmaConfig(**SIZES, num_key_value_heads=4, head_dim=10, attention_bias=True, tie_word_embeddings=False),
    "llama_biases": LlamaConfig(**SIZES, attention_bias=True, mlp_bias=True, head_dim=14),
    "llama_partial": LlamaConfig(**SIZES, hidden_act="relu2", rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5}),
    "llama3_original_on_top": LlamaConfig(**SIZES, original_max_position_embeddings=16, rope_parameters={"rope_type": "llama3", "rope_theta": 10000.0, "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}),
    "llama_linear": LlamaConfig(**SIZES, rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}),
    "llama_dynamic": LlamaConfig(**{**SIZES, "max_position_embeddings": 16}, rope_parameters={"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 4.0}),
    "llama_yarn": LlamaConfig(**SIZES, rope_parameters={"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 16}),
    "qwen2_window": Qwen2Config(**SIZES, num_key_value_heads=2, use_sliding_window=True, sliding_window=5, max_window_layers=1),
    "qwen3_window": Qwen3Config(**SIZES, num_key_value_heads=2, head_dim=8, use_sliding_window=True, sliding_window=7, layer_types=["sliding_attention", "full_attention"]),
}


def make(name, config, folder, lengths):
    torch.manual_seed(7)
    config._attn_implementation = "eager"
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    with torch.no_grad():  # norms and biases start at values that hide mistakes
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    ids = torch.randint(3, config.vocab_size, (len(lengths), max(lengths)))
    mask = (torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]).long()
    labels = ids.masked_fill(mask == 0, -100)
    out = model(input_ids=ids, attention_mask=mask, labels=labels, output_hidden_states=True, use_cache=False)
    out.loss.backward()
    norms = {("embed_out.weight" if name.startswith("gpt_neox") and n == "lm_head.weight" else n): p.grad.norm().item() for n, p in model.named_parameters()}
    tensors = {"input_ids": ids, "attention_mask": mask, "labels": labels, "logits": out.logits.detach(), "loss": out.loss.detach()[None],
               "grad_norm": torch.tensor([sum(n * n for n in norms.values()) ** 0.5])}
    for i, states in enumerate(out.hidden_states):
        tensors[f"hidden_states.{i}"] = states.detach()
    save_file({k: v.contiguous() for k, v in tensors.items()}, os.path.join(folder, "golden.safetensors"))
    with open(os.path.join(folder, "golden.json"), "w") as file:
        json.dump({"grad_norms": norms}, file)


for name, config in VARIANTS.items():
    # Sequences of one length where the longest of a batch decides for all.
    make(name, config, os.path.join(sys.argv[1], name), [40, 40] if name == "llama_dynamic" else [30, 1, 17])
