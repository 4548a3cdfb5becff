"""What there is, in words: the rows of `list` and the entries of `explain`."""

from __future__ import annotations

import inspect
from typing import Any

from fsb_oracle.backends import NAMES as BACKENDS
from fsb_oracle.backends import unavailable
from fsb_oracle.checks import CHECKS
from fsb_oracle.errors import UsageError, nearest
from fsb_oracle.families import Family, list_families, list_templates
from fsb_oracle.integrands import CLASS_WORDS, NAMED, integrand
from fsb_oracle.oracle.single_routes import SINGLE_ROUTE
from fsb_oracle.records import Status
from fsb_oracle.rules import Rule, baselines_for, list_rules, recommended
from fsb_oracle.rules.catalogue import recommended_of, rules_of
from fsb_oracle.rules.comparisons import searched
from fsb_oracle.rules.proved import proof_of
from fsb_oracle.rules.rule import Comparison
from fsb_oracle.rules.vector import VectorRule
from fsb_oracle.subjects import entry_points
from fsb_oracle.subjects.declaration import Declaration
from fsb_oracle.subjects.libraries import LIBRARIES, table_of
from fsb_oracle.subjects.libraries.entry import Entry
from fsb_oracle.subjects.resolve import library_of
from fsb_oracle.subjects.vector_rules import vector_laws

SIMPLE = 80  # operations beyond which a symbol is shown as it stands: simplifying it takes minutes
KINDS = ("families", "integrands", "rules", "estimators", "checks", "subjects")
STATUSES = {
    Status.pass_: "The bias is below the margin, except with the stated rate; the message says what is excluded.",
    Status.within_margin: "A real bias, shown to be smaller than the margin. It fails a run with --strict only.",
    Status.fail: "A bias, or a result that is not finite; the reason says which.",
    Status.inconclusive: "Neither could be shown within the limits of the run; the reason says why.",
    Status.not_applicable: "Not tested here, and the reason.",
    Status.known_failure: "A failure that stands in a file of known failures, as it stands there.",
    Status.unexpected_pass: "A known failure that passed: the file is out of date.",
    Status.error: "The estimator raised, or returned something that is no gradient.",
}
TO_DO = {
    Status.pass_: "Nothing. Read what it excludes; `weak` marks those that would let an estimator pass that returns 0.",
    Status.within_margin: "Judge whether it matters for the numbers of samples that you average; say why, or mend it.",
    Status.fail: "Read the likely cause and which neighbours fail and pass; replay the case by the last line.",
    Status.inconclusive: "A larger profile, a wider --margin, or noise= in the declaration: quadrature then decides.",
    Status.not_applicable: "Nothing, unless the reason is a package that can be installed.",
    Status.known_failure: "Nothing until it is mended; the report shows how large it is today.",
    Status.unexpected_pass: "Take the entry out of the file: it was mended, or its bounds are too wide.",
    Status.error: "The message holds the exception; call the function by hand with the parameters of the case.",
}


def listing(kind: str, proofs: bool = False) -> list[dict[str, Any]]:
    """Rows `{name, summary, ...}` of one kind; those of rules with their `proofs` where they are asked for."""
    if kind == "families":
        scalar = [
            {"name": law.name, "summary": ", ".join(f"{p.name} {p.domain.text}" for p in law.parameters)}
            for law in list_families()
        ]
        return scalar + [
            {"name": law.name, "summary": ", ".join(f"{name} {words}" for name, words in law.parameters.items())}
            for law in list_templates()
        ]
    if kind == "integrands":
        return [
            {
                "name": name,
                "summary": f"{text}   ({integrand(text).smoothness}: {CLASS_WORDS[integrand(text).smoothness]})",
            }
            for name, text in NAMED.items()
        ]
    if kind == "rules":
        rules = every_rule()
        rows = [
            _rule_row(rule) if isinstance(rule, Rule) and not law.shape else _built_row(rule, law)
            for rule, law in rules
        ]
        return [row | _proof_members(*rule) for row, rule in zip(rows, rules, strict=True)] if proofs else rows
    if kind == "estimators":
        rows = [_estimators_row(law, name) for law in (*list_families(), *vector_laws()) for name in _parameters(law)]
        return [row for row in rows if row["ids"]]
    if kind == "subjects":
        return _subjects()
    return [{"name": name, "summary": _first_line(module)} for name, module in CHECKS.items()]


def _parameters(law: Family) -> list[str]:
    """The parameters in which there is a gradient, vectors and matrices by one name."""
    return sorted({rule.parameter for rule in rules_of(law)}) if law.shape else list(law.continuous_names)


def _estimators_row(law: Family, parameter: str) -> dict[str, Any]:
    """The ids that `variance --estimator`, `same_as` and `variance_below` take."""
    ids = [rule.id for rule in rules_of(law) if rule.parameter == parameter]
    if not law.shape and len(law.samples) == 1:
        ids += [rule.id for rule in baselines_for(law, parameter)]
    best = recommended_of(law).get(parameter, ())
    words = [f"{id} [recommended]" if id in best else id for id in ids]
    return {"name": f"{law.name} {parameter}", "summary": ", ".join(words), "ids": ids}


def _subjects() -> list[dict[str, Any]]:
    """What `verify` knows by name: our own rules, libraries, and what installed packages declare."""
    rows = [{"name": "fsb_oracle", "summary": "our own rules and baselines, on NumPy, Torch and JAX"}]
    for place in LIBRARIES:
        library = library_of(place) or ""
        missing = unavailable(library) if library in BACKENDS else None
        rows.append({"name": place, "summary": missing or f"everything below; one of them as {place}:NAME"})
        rows += _classes(place)
    for entry in entry_points.installed():
        words = f"{entry.value}, an entry point of {entry_points.package_of(entry)}"
        rows.append({"name": f"{entry_points.TARGET}:{entry.name}", "summary": words})
    return rows


def _classes(place: str) -> list[dict[str, Any]]:
    """The classes of a library that are verified by name, and those that are not, with the reason."""
    table = table_of(place)
    rows = [
        {"name": f"{place}:{name}", "summary": ", ".join(dict.fromkeys(map(_law_of, entries)))}
        for name, entries in table.ENTRIES.items()
    ]
    return rows + [
        {"name": f"{place}:{name}", "summary": f"not verified: {reason}"} for name, reason in table.UNMAPPED.items()
    ]


def _law_of(entry: Entry | Declaration) -> str:
    """The law of a class, or of an estimator."""
    return entry.law if isinstance(entry, Entry) else entry.laws[0].name


def _first_line(module: Any) -> str:
    return (inspect.getdoc(module) or "").partition("\n\n")[0].replace("\n", " ")


def _rule_row(rule: Rule) -> dict[str, Any]:
    smooth, jump = integrand("tanh"), integrand("step")
    marks = [
        words
        for f, words in ((smooth, "recommended"), (jump, "recommended for jumps"))
        if recommended(rule.law, rule.parameter, f) == rule
    ]
    mark = f" [{', '.join(marks)}]" if marks else ""
    return {
        "name": rule.id,
        "summary": f"{rule.family} {rule.parameter}: {rule.formula}   ({rule.requires}, {rule.cost}){mark}",
        "family": rule.family,
        "parameter": rule.parameter,
        "class": rule.requires,
        "cost": str(rule.cost),
        "recommended": marks,
    } | _comparison_members(rule)


def explain(name: str) -> dict[str, str]:
    """One rule, law or check: what it is, when it holds, what it costs, where it is from.

    Raises:
        UsageError: nothing is called so.
    """
    for rule in list_rules():
        if rule.id == name:
            return _explain_rule(rule)
    for rule, _ in _built_rules():
        if rule.id == name:
            return _explain_rule(rule) if isinstance(rule, Rule) else _explain_vector_rule(rule)
    for law in list_families():
        if law.name == name:
            return {
                "family": law.name,
                "parameters": ", ".join(f"{p.name} ({p.domain.text})" for p in law.parameters),
                "log density": str(law.log_density),
                "characteristic function": str(law.characteristic_function),
                "mean": str(law.mean),
                "variance": str(law.variance),
                "rules": ", ".join(rule.id for rule in list_rules() if rule.family == law.name),
            } | _single_route(name)
    for law in list_templates():
        if law.name == name:
            return {
                "family": law.name,
                "parameters": ", ".join(f"{name} ({words})" for name, words in law.parameters.items()),
                "what": inspect.getdoc(inspect.getmodule(law.build)) or "",
            } | _single_route(name)
    if name in CHECKS:
        module = CHECKS[name]
        return {
            "check": name,
            "what": inspect.getdoc(module) or "",
            "how": inspect.getdoc(module.check) or "",
        }
    if name in list(Status):
        status = Status(name)
        return {"status": name, "what": STATUSES[status], "to do": TO_DO[status], "fails the run": _fails(status)}
    laws = [law.name for law in (*list_families(), *list_templates())]
    known = [rule.id for rule in list_rules()] + [rule.id for rule, _ in _built_rules()] + laws + list(CHECKS)
    known += [status.value for status in Status]
    raise UsageError(f"nothing is called {name!r}; see `fsb-oracle list rules`{nearest(name, known)}")


def _single_route(name: str) -> dict[str, str]:
    """Where exact values of a law have one route, and why."""
    return {"single route": SINGLE_ROUTE[name]} if name in SINGLE_ROUTE else {}


def every_rule() -> list[tuple[Rule | VectorRule, Family]]:
    """Every rule with its law: those of laws with lists, matrices or laws as parameters in an ordinary shape."""
    return [(rule, rule.law) for rule in list_rules()] + _built_rules()


def _proof_members(rule: Rule | VectorRule, law: Family) -> dict[str, Any]:
    """What a row says of the rule's proof."""
    entry = proof_of(rule, law)
    return {
        "proved": entry.proved,
        "digits": entry.digits,
        "agreement": entry.agreement,
        "space": entry.space,
        "frequencies": list(entry.frequencies),
        "degree": entry.degree,
        "at": entry.at,
    }


def _fails(status: Status) -> str:
    if status in (Status.fail, Status.unexpected_pass, Status.error):
        return "yes, with exit code 1"
    return {Status.inconclusive: "no, but the exit code is 3", Status.within_margin: "with --strict"}.get(status, "no")


def _built_rules() -> list[tuple[Rule | VectorRule, Family]]:
    """The rules of laws with vectors, matrices or laws as parameters, each once, in an ordinary shape."""
    return list({rule.id: (rule, law) for law in vector_laws() for rule in rules_of(law)}.values())


def _built_row(rule: Rule | VectorRule, law: Family) -> dict[str, Any]:
    recommended = rule.id in recommended_of(law).get(rule.parameter, ())
    mark = " [recommended]" if recommended else ""
    return {
        "name": rule.id,
        "summary": f"{law.name} {rule.parameter}: {rule.formula}   ({rule.requires}, {rule.cost}){mark}",
        "family": law.name,
        "parameter": rule.parameter,
        "class": rule.requires,
        "cost": str(rule.cost),
        "recommended": ["recommended"] if recommended else [],
    } | _comparison_members(rule)


def _comparison_members(rule: Rule | VectorRule) -> dict[str, Any]:
    """What a row says of where the rule wins and loses; of a side without a point, what was searched."""
    sides = {
        "variance below": [_point(comparison) for comparison in rule.wins],
        "variance above": [_point(comparison) for comparison in rule.loses],
    }
    looked = searched(rule)
    return {side: points or ([f"none found in {looked}"] if looked else []) for side, points in sides.items()}


def _explain_vector_rule(rule: VectorRule) -> dict[str, str]:
    return _shared_entries(rule) | {side: "; ".join(points) for side, points in _comparison_members(rule).items()}


def _shared_entries(rule: Rule | VectorRule) -> dict[str, str]:
    entries = {
        "rule": rule.id,
        "gradient": f"d/d {rule.parameter} of E f(z), z ~ {rule.family}",
        "formula": rule.formula,
        "class of f": f"{rule.requires}: {CLASS_WORDS[rule.requires]}",
        "cost per draw": str(rule.cost),
        "source": rule.source,
    }
    if rule.finite_variance:
        entries["finite variance"] = f"{rule.finite_variance}: {CLASS_WORDS[rule.finite_variance]}"
    if rule.remarks:
        entries["remarks"] = rule.remarks
    return entries


def _explain_rule(rule: Rule) -> dict[str, str]:
    entries = _shared_entries(rule) | {
        "letters": ", ".join(f"{letter} = {expression}" for letter, expression in rule.law.catalogue.items()),
        "chain factor": str(rule.chain_factor),
        "symbol": _symbol(rule),
    }
    if rule.disc is not None:
        entries["serves"] = f"f of frequencies up to {rule.disc}, beyond which it is refused"
    entry = proof_of(rule, rule.law)
    where = f"at {len(entry.frequencies)} frequencies up to {entry.frequencies[-1]:.4g} ({entry.at})"
    unproved = "none for this kernel: prove it by tools/prove_rules.py"
    entries["proof"] = f"{entry.agreement} digits {where}" if entry.proved else unproved
    claims = [f"{claim.against} for {claim.where} ({claim.theorem})" for claim in rule.lower_variance_than]
    facts = {"variance never above": claims} | _comparison_members(rule)
    return entries | {name: "; ".join(words) for name, words in facts.items() if words}


def _point(comparison: Comparison) -> str:
    at = ", ".join(f"{name}={value}" for name, value in comparison.parameters.items())
    costs = ", counted in variance times evaluations" if comparison.cost_adjusted else ""
    return f"{comparison.against} at {at} for f = {comparison.f}{costs}"


def _symbol(rule: Rule) -> str:
    """d log phi / d parameter, the operator on f that the rule reads off."""
    import sympy

    law = rule.law
    if law.characteristic_function is None:
        return "no closed form on the line: the rule is proved for f = z**(i t)"
    ratio = law.characteristic_derivative(rule.parameter) / law.characteristic_function
    return str(sympy.simplify(ratio) if ratio.count_ops() < SIMPLE else ratio)
