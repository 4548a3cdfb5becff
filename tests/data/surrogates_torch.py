"""Surrogate losses and REINFORCE loops in Torch: one gradient per call."""

from torch.distributions import Categorical, Gamma, MultivariateNormal

from fsb_oracle import estimator, surrogate

POINT = [{"loc": [0.1, -0.2], "scale_tril": [[1, 0], [0.3, 1.4]]}]


@estimator(family="multivariate_normal", parameters=["loc", "scale_tril"], backend="torch", unit="call", points=POINT)
@surrogate
def pathwise_loss(params, f, num_samples, rng):
    return f(MultivariateNormal(params["loc"], scale_tril=params["scale_tril"]).rsample((num_samples,))).mean()


@estimator(family="categorical", parameters=["logits"], backend="torch", unit="call")
@surrogate
def reinforce(params, f, num_samples, rng):
    law = Categorical(logits=params["logits"])
    z = law.sample((num_samples,))
    ((f(z) - f(z).mean()) * law.log_prob(z)).sum().div(num_samples - 1).backward()


@estimator(family="categorical", parameters=["logits"], backend="torch", unit="call")
@surrogate
def reinforce_through_the_baseline(params, f, num_samples, rng):
    law = Categorical(logits=params["logits"])
    z = law.sample((num_samples,))
    baseline = (f(z) * law.log_prob(z)).mean()  # not a constant: its gradient flows
    return ((f(z) - baseline) * law.log_prob(z)).mean()


@estimator(family="gamma", parameters=["concentration", "rate"], backend="torch")
def by_hand(params, f, num_samples, rng):
    leaves = {name: value.expand(num_samples).clone().requires_grad_() for name, value in params.items()}
    f(Gamma(**leaves).rsample()).sum().backward()
    return {name: leaf.grad for name, leaf in leaves.items()}
