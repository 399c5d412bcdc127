"""The metrics of the comparison, by the packages and definitions that their fields use; both sides' answers go through them."""
import collections
import json
import re
import string


def read_back(task, cell):
    """An answer or a reference as study.h5 holds it: JSON for tags and for several references."""
    if task == "token_classification":
        return json.loads(cell)
    if task == "question_answering":
        return json.loads(cell) if cell.startswith('["') else [cell]
    return cell


def score(task, predictions, references):
    """Name to value; `references` are lists of right texts in question answering."""
    if task == "token_classification":
        from seqeval.metrics import f1_score, precision_score, recall_score
        return {"seqeval_f1": f1_score(references, predictions), "seqeval_precision": precision_score(references, predictions), "seqeval_recall": recall_score(references, predictions)}
    if task == "question_answering":
        pairs = list(zip(predictions, references))
        return {"exact_match": sum(max(normalized(found) == normalized(right) for right in rights) for found, rights in pairs) / len(pairs),
                "squad_f1": sum(max(overlap(found, right) for right in rights) for found, rights in pairs) / len(pairs)}
    from sklearn.metrics import accuracy_score, f1_score
    return {"accuracy": accuracy_score(references, predictions), "f1_macro": f1_score(references, predictions, average="macro")}


def normalized(text):
    """SQuAD's: lower case, no punctuation, no articles, single blanks."""
    text = "".join(character for character in text.lower() if character not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def overlap(answer, reference):
    ours, theirs = normalized(answer).split(), normalized(reference).split()
    same = sum((collections.Counter(ours) & collections.Counter(theirs)).values())
    return 2 * same / (len(ours) + len(theirs)) if same else float(ours == theirs)
