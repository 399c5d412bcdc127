"""What both comparisons of tokenizers do: ask temper, and say where two lists part."""
import json
import subprocess


def run(temper, folder, lines, *options):
    """The answers to `lines`; the message where temper refuses."""
    done = subprocess.run([temper, "tokenize", "--tokenizer", folder, *options], input="".join(json.dumps(line) + "\n" for line in lines), capture_output=True, text=True)
    if done.returncode != 0:
        return done.stderr.strip()
    return [json.loads(line) for line in done.stdout.split("\n")[:-1]]


def parting(key, own, right):
    """In words, from where on `own` differs from `right`; nothing where it does not."""
    if own == right:
        return None
    at = next((i for i, (a, b) in enumerate(zip(own, right)) if a != b), min(len(own), len(right)))
    return f"{key} from {at} on are {own[at:at + 6]}, the library gives {right[at:at + 6]}"
