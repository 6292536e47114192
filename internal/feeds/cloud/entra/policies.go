package entra

import (
	"io"

	"github.com/warder-project/warder/internal/base/problem"
	"github.com/warder-project/warder/internal/feeds/cloud"
)

// Policy is one conditional access policy, as far as it matters here.
// Standards.md A.2.4. Member names match whatever their capitals.
type Policy struct {
	ID          string       `json:"id"`
	DisplayName string       `json:"displayName"`
	State       string       `json:"state"` // enabled, disabled, enabledForReportingButNotEnforced
	Modified    cloud.Moment `json:"modifiedDateTime"`
	Conditions  conditions   `json:"conditions"`
	Grant       *grant       `json:"grantControls"`
	Session     *session     `json:"sessionControls"`
}

type conditions struct {
	Users            users        `json:"users"`
	Applications     applications `json:"applications"`
	ClientAppTypes   cloud.Words  `json:"clientAppTypes"`
	Platforms        *platforms   `json:"platforms"`
	Locations        *locations   `json:"locations"`
	Devices          *devices     `json:"devices"`
	SignInRisk       cloud.Words  `json:"signInRiskLevels"`
	UserRisk         cloud.Words  `json:"userRiskLevels"`
	InsiderRisk      cloud.Words  `json:"insiderRiskLevels"`
	PrincipalRisk    cloud.Words  `json:"servicePrincipalRiskLevels"`
	Flows            *flows       `json:"authenticationFlows"`
	Times            any          `json:"times"`
	Clients          any          `json:"clientApplications"`
	DeviceStates     any          `json:"deviceStates"`
	AgentRisk        cloud.Words  `json:"agentIdRiskLevels"`
	Agents           any          `json:"agents"`
	GlobalSecurePath any          `json:"globalSecureAccess"`
}

type users struct {
	IncludeUsers  cloud.Words `json:"includeUsers"`
	ExcludeUsers  cloud.Words `json:"excludeUsers"`
	IncludeGroups cloud.Words `json:"includeGroups"`
	ExcludeGroups cloud.Words `json:"excludeGroups"`
	IncludeRoles  cloud.Words `json:"includeRoles"`
	ExcludeRoles  cloud.Words `json:"excludeRoles"`
	IncludeGuests *guests     `json:"includeGuestsOrExternalUsers"`
	ExcludeGuests *guests     `json:"excludeGuestsOrExternalUsers"`
}

// guests is null, or an object whose members are all null in PowerShell exports.
type guests struct {
	Types cloud.Words `json:"guestOrExternalUserTypes"`
}

func (g *guests) any() bool { return g != nil && len(g.Types) > 0 && !g.Types.Has("none") }

type applications struct {
	Include cloud.Words `json:"includeApplications"`
	Exclude cloud.Words `json:"excludeApplications"`
	Actions cloud.Words `json:"includeUserActions"`
	Classes cloud.Words `json:"includeAuthenticationContextClassReferences"`
	Filter  *filter     `json:"applicationFilter"`
}

type filter struct {
	Mode string `json:"mode"`
	Rule string `json:"rule"`
}

func (f *filter) any() bool { return f != nil && (f.Mode != "" || f.Rule != "") }

type platforms struct {
	Include cloud.Words `json:"includePlatforms"`
	Exclude cloud.Words `json:"excludePlatforms"`
}

type locations struct {
	Include cloud.Words `json:"includeLocations"`
	Exclude cloud.Words `json:"excludeLocations"`
}

type devices struct {
	Filter        *filter     `json:"deviceFilter"`
	Include       cloud.Words `json:"includeDevices"`
	Exclude       cloud.Words `json:"excludeDevices"`
	IncludeStates cloud.Words `json:"includeDeviceStates"`
	ExcludeStates cloud.Words `json:"excludeDeviceStates"`
}

type flows struct {
	Transfer cloud.Words `json:"transferMethods"`
}

type grant struct {
	Operator string      `json:"operator"`
	BuiltIn  cloud.Words `json:"builtInControls"`
	Custom   cloud.Words `json:"customAuthenticationFactors"`
	Terms    cloud.Words `json:"termsOfUse"`
	Strength *strength   `json:"authenticationStrength"`
}

type strength struct {
	ID   string `json:"id"`
	Name string `json:"displayName"`
	// A combination such as "password,sms" has a comma in it, so the list is
	// read as it stands.
	Combinations []string `json:"allowedCombinations"`
}

func (s *strength) any() bool { return s != nil && (s.ID != "" || len(s.Combinations) > 0) }

type session struct {
	Frequency *struct {
		Enabled  cloud.Flag `json:"isEnabled"`
		Interval string     `json:"frequencyInterval"`
	} `json:"signInFrequency"`
}

// Policies are all policies of a tenant.
type Policies struct {
	List     []Policy
	Complete bool // false when the last page says there are more
}

// ReadPolicies reads Graph's answer with its value, an array, or one policy.
func ReadPolicies(name string, r io.Reader) (*Policies, error) {
	document, parts, err := cloud.Read(name, r, cloud.EntraConditional)
	if err != nil {
		return nil, err
	}
	policies := &Policies{Complete: true}
	var faults []problem.Field
	for _, part := range parts {
		list, next := valueOf(document, part)
		policies.Complete = next == ""
		elements, ok := document.Elements(list)
		if _, single := firstMember(document, part, "conditions"); !ok && single {
			elements, ok = []cloud.Part{part}, true
		}
		if !ok {
			return nil, document.Wrong()
		}
		for _, element := range elements {
			if _, ok := firstMember(document, element, "conditions", "grantcontrols", "displayname"); !ok {
				return nil, document.Wrong()
			}
			if _, user := firstMember(document, element, "userprincipalname"); user {
				return nil, document.Wrong()
			}
			var policy Policy
			if field, ok := document.Decode(element, &policy); !ok {
				faults = append(faults, field)
				continue
			}
			policies.List = append(policies.List, policy)
		}
	}
	if len(faults) > 0 {
		return nil, cloud.Malformed(faults...)
	}
	return policies, nil
}
