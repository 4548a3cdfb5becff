"""Golden values of d E f / d theta in the literature's parameters, to 12 digits, through each law's parameter map.

From the catalogue of estimators: transforms and sums in 30-digit arithmetic by two independent quadratures, none of
which is this package's.
"""

from fractions import Fraction

COLUMNS = ("sin(z)", "cos(3*z)", "exp(-z**2)", "tanh(z)")
NORMAL = {"loc": "0.3", "scale": "0.8"}
GAMMA = {"concentration": "2.5", "rate": Fraction(10, 7)}  # scale 0.7
SMALL_GAMMA = {"concentration": "0.1", "rate": 1}
LAPLACE = {"loc": "0.3", "scale": "1.2"}
LOGISTIC = {"loc": "0.2", "scale": "0.8"}
GUMBEL = {"loc": "0.2", "scale": "0.6"}
CAUCHY = {"loc": "0.2", "scale": "1.3"}
WALD = {"loc": 1, "concentration": 2}
UNIFORM = {"low": "-0.4", "high": "1.7"}
NIG = {"loc": 0, "scale": "0.8", "tailweight": 2, "skewness": "0.5"}
VARIANCE_GAMMA = {"loc": 0, "drift": "0.3", "scale": "0.9", "variance_rate": "0.5"}
STABLE = {"alpha": "1.5", "beta": "-0.6", "loc": "-0.3", "scale": "0.8"}
HEAVY = {"alpha": "0.7", "beta": "0.5", "loc": "0.2", "scale": "1.3"}
TEMPERED = {"alpha": "0.5", "intensity": "0.7", "rate": "1.2"}
NONCENTRAL = {"df": "1.5", "noncentrality": 2}
BETA23 = {"concentration1": 2, "concentration0": 3}
BETA34 = {"concentration1": "0.3", "concentration0": "0.4"}
NEGATIVE_BINOMIAL = {"total_count": "2.3", "probs": "0.6"}
GAMMA_SCALE = -(Fraction(10, 7) ** 2)  # d/d scale = -rate^2 d/d rate
EXPONENTIAL_SCALE = -(Fraction(10, 13) ** 2)

# (family, our parameters, our parameter, factor to the literature's parameter, one number for each column or None)
ROWS = [
    ("normal", NORMAL, "loc", 1, "0.69371667166 -0.131915610881 -0.167535087436 0.661290175187"),
    ("normal", NORMAL, "scale", 1, "-0.171673370802 -0.251236282638 -0.411489688439 -0.124160952117"),
    ("gamma", GAMMA, "concentration", 1, "-0.104691543058 0.053255887712 -0.188127513388 0.134579969676"),
    ("gamma", GAMMA, "rate", GAMMA_SCALE, "-0.667956347063 0.280548123331 -0.486746234043 0.340078262182"),
    ("gamma", SMALL_GAMMA, "concentration", 1, "0.730040374277 -1.15678102794 -0.435262140536 0.736957494495"),
    ("exponential", {"rate": "10/13"}, "rate", EXPONENTIAL_SCALE,
     "-0.0953552327911 -0.0890532610809 -0.234501654212 0.1877031833"),
    ("laplace", LAPLACE, "loc", 1, "0.391531348002 -0.16833672843 -0.101635821836 0.49975855203"),
    ("laplace", LAPLACE, "scale", 1, "-0.119129349635 -0.0688970909242 -0.240702317013 -0.0748425229311"),
    ("logistic", LOGISTIC, "loc", 1, "0.401682886927 -0.0135763423743 -0.0480690850883 0.49963741213"),
    ("logistic", LOGISTIC, "scale", 1, "-0.157402274849 -0.0540747870727 -0.427567894377 -0.085460506492"),
    ("gumbel", GUMBEL, "loc", 1, "0.681498100066 -0.338723948031 -0.282060824882 0.680848991722"),
    ("gumbel", GUMBEL, "scale", 1, "-0.116449826905 -0.427397611596 -0.443615005946 0.048665232623"),
    ("cauchy", CAUCHY, "loc", 1, "0.267099301752 -0.034288328835 -0.0392029443669 0.377074471392"),
    ("cauchy", CAUCHY, "scale", 1, "-0.0541437089424 -0.0501191112902 -0.193048239271 -0.0392857022134"),
    ("inverse_gaussian", WALD, "loc", 1, "0.0349415869291 -0.0183850443241 -0.375737578881 0.265367329378"),
    ("inverse_gaussian", WALD, "concentration", 1, "0.0738962582483 -0.138271794741 -0.0387097810766 0.0370884154753"),
    ("uniform", UNIFORM, "low", 1, "0.423511112732 -0.17208083519 -0.121992635765 0.399006944493"),
    ("uniform", UNIFORM, "high", 1, "0.23414753144 0.179518924826 -0.257325257738 0.227354023535"),
    ("normal_inverse_gaussian", NIG, "tailweight", 1, "-0.0449314679261 0.10146519942 0.076779137334 -0.0536565804827"),
    ("normal_inverse_gaussian", NIG, "skewness", 1, "0.295311537038 -0.101792056937 -0.0844888596045 0.293700354726"),
    ("normal_inverse_gaussian", NIG, "scale", 1, "0.145260132449 -0.452022212519 -0.232102383975 0.148345946904"),
    ("variance_gamma", VARIANCE_GAMMA, "drift", 1,
     "0.523439420935 -0.0586840117898 -0.126472248739 0.571168235637"),
    ("variance_gamma", VARIANCE_GAMMA, "scale", 1,
     "-0.183966768043 -0.308624540439 -0.335458575905 -0.108737085109"),
    ("variance_gamma", VARIANCE_GAMMA, "variance_rate", 1,
     "-0.0506198288088 0.199830329398 0.071587911608 -0.0251627812026"),
    ("stable", STABLE, "alpha", 1, "-0.690321436357 0.100448009335 0.142725888017 -0.625211933727"),
    ("stable", STABLE, "beta", 1, "-0.346926277235 0.0876914029943 0.0561229269789 -0.265401103158"),
    ("stable", STABLE, "scale", 1, "0.30569567609 -0.13888215326 -0.461977435817 0.240609756376"),
    ("stable", STABLE, "loc", 1, "0.484844211924 -0.0707556965422 -0.0608226468002 0.533254319983"),
    ("stable", HEAVY, "alpha", 1, "0.186940740074 0.266599909367 -0.768202134254 0.970809639405"),
    ("stable", HEAVY, "beta", 1, "0.135086615446 0.000988422864591 -0.445598933587 0.917483612462"),
    ("stable", HEAVY, "scale", 1, "-0.154633648724 0.104719231094 -0.145891842113 0.0641138902948"),
    ("stable", HEAVY, "loc", 1, "0.0572819580468 0.000582753235851 -0.185595006256 0.205336123623"),
    ("tempered_stable", TEMPERED, "intensity", 1, "0.407738506661 -0.384388583325 -0.813823542637 0.581213528958"),
    ("tempered_stable", TEMPERED, "alpha", 1, "0.947599508777 -1.38290941202 -1.39908132014 1.04302793228"),
    ("tempered_stable", TEMPERED, "rate", 1, "0.00565910778437 -0.082325294268 0.168449449287 -0.112979231734"),
    ("noncentral_chi2", NONCENTRAL, "df", 1, "-0.0477767280083 -0.0948900175961 -0.139450292375 0.121766271486"),
    ("noncentral_chi2", NONCENTRAL, "noncentrality", 1,
     "-0.0762399611232 -0.0238943864473 -0.0831134196297 0.0669254769352"),
    ("beta", BETA23, "concentration1", 1, "0.1093460785 -0.286561062372 -0.0737698913533 0.101792093685"),
    ("beta", BETA23, "concentration0", 1, "-0.0705862086744 0.202756190495 0.0546924677926 -0.0643596684699"),
    ("beta", BETA34, "concentration1", 1, "0.72037449394 -1.65416960734 -0.475247888236 0.665634482918"),
    ("beta", BETA34, "concentration0", 1, "-0.506494400891 1.30149997093 0.415857285398 -0.452646476387"),
    ("poisson", {"rate": "2.5"}, "rate", 1, "-0.26092878424 -0.0132382654473 -0.128315438141 0.113013049523"),
    ("binomial", {"total_count": 5, "probs": "0.2"}, "probs", 1,
     "1.15572981786 -1.30692042895 -2.02447698644 1.99870913446"),
    ("negative_binomial", NEGATIVE_BINOMIAL, "total_count", 1,
     "-0.122567763099 -0.0572168013575 -0.141624261596 0.131631364127"),
    ("negative_binomial", NEGATIVE_BINOMIAL, "probs", -1,
     "1.01695093723 0.296313882066 0.958211814945 -0.877042799641"),
    ("geometric", {"probs": "0.3"}, "probs", 1, "0.563712646311 0.692944393484 1.14842175773 -1.09726072653"),
    ("student_t", {"df": 3, "loc": "0.4", "scale": 1}, "df", 1, "- - 0.0174663663267 0.00747314699773"),
    ("student_t", {"df": 10, "loc": "0.4", "scale": 1}, "df", 1, "- - 0.00176173481817 0.000741191120473"),
]  # fmt: skip
GOLDEN = [
    (family, parameters, parameter, factor, f, Fraction(number))
    for family, parameters, parameter, factor, numbers in ROWS
    for f, number in zip(COLUMNS, numbers.split(), strict=True)
    if number != "-"
]
